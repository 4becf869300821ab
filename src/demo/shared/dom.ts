type ElementClass<E extends Element> = abstract new () => E

/** The element with this id. The page and its script are written together, so a missing one is a mistake in either. */
export function find<E extends Element>(id: string, type: ElementClass<E>): E {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`The page has no ${type.name} with the id "${id}".`)
}

/** A new element with a class and, as text or as elements, what is in it. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...content: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...content)
  return element
}

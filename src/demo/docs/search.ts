import { find } from '../shared/dom'
import { findSections, type Section } from './find-sections'

/** Searches in the page, which needs no server: what can be found is one file, fetched once the page is there. */
export function startSearch(): void {
  const input = find('search', HTMLInputElement)
  const index = new URL(input.dataset.index ?? '', document.baseURI)
  let sections: readonly Section[] = []
  void fetch(index)
    .then((answer) => answer.json())
    .then((all: readonly Section[]) => {
      sections = all
      input.hidden = false
    })
    .catch(() => {}) // Then there is no search.
  const show = (): void => {
    const query = input.value
    const found = find('found', HTMLElement)
    found.hidden = query.trim() === ''
    if (found.hidden) return
    const links = findSections(sections, query).map((section) => row(section, new URL(section.url, index)))
    const nothing = Object.assign(document.createElement('p'), { textContent: `Nothing has “${query.trim()}”.` })
    const list = document.createElement('ul')
    list.append(...links)
    found.replaceChildren(links.length > 0 ? list : nothing)
    scrollTo({ top: 0 })
  }
  input.addEventListener('input', show)
  input.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return
    input.value = ''
    show()
  })
  // One that leads into the same page shows it.
  find('found', HTMLElement).addEventListener('click', ({ target }) => {
    if (!(target instanceof HTMLAnchorElement)) return
    input.value = ''
    show()
  })
}

function row({ page, title, excerpt }: ReturnType<typeof findSections>[number], address: URL): HTMLElement {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.href = address.href
  link.textContent = title === page ? title : `${page}: ${title}`
  const words = document.createElement('p')
  words.textContent = excerpt
  item.append(link, words)
  return item
}

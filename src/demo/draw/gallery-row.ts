import { make } from '../shared/dom'
import { toCanvas } from '../shared/picture'
import { type KeptEntry, keptPicture, unpackFinished } from './gallery-store'
import { entryName } from './names'

export interface GalleryRow {
  readonly entry: KeptEntry
  readonly item: HTMLLIElement
  /** It is the picture, or one of those, that the page shows. */
  mark(shown: boolean): void
}

/** Pixels along a side of a small picture, at most: two for each of the page's. */
const side = 208

/** Draws the small pictures that are in sight of the list, or nearly, and lets go of the others. */
export function createThumbnails(list: HTMLElement): { watch(canvas: HTMLCanvasElement, key: string): void } {
  const keys = new WeakMap<Element, string>()
  const seen = new WeakSet<Element>()

  async function paint(canvas: HTMLCanvasElement): Promise<void> {
    const kept = await keptPicture(keys.get(canvas) ?? '')
    const picture = kept && seen.has(canvas) && (await unpackFinished(kept))
    if (!picture || !seen.has(canvas)) return
    const scale = Math.min(1, side / Math.max(picture.width, picture.height))
    canvas.width = Math.round(picture.width * scale)
    canvas.height = Math.round(picture.height * scale)
    canvas.getContext('2d')?.drawImage(toCanvas(picture), 0, 0, canvas.width, canvas.height)
    canvas.dataset.drawn = ''
  }

  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        const canvas = target as HTMLCanvasElement
        if (isIntersecting) {
          seen.add(canvas)
          paint(canvas).catch(() => {}) // It stays empty; opening it says why.
        } else {
          seen.delete(canvas)
          canvas.width = canvas.height = 0
          delete canvas.dataset.drawn
        }
      }
    },
    { root: list, rootMargin: '0px 400px' },
  )
  return {
    watch(canvas, key) {
      keys.set(canvas, key)
      canvas.width = canvas.height = 0
      observer.observe(canvas)
    },
  }
}

export function createRow(
  entry: KeptEntry,
  canvas: HTMLCanvasElement,
  { open, remove }: { readonly open: () => void; readonly remove: () => void },
): GalleryRow {
  const name = entryName(entry)
  const opening = make('button', 'open', canvas)
  opening.type = 'button'
  opening.tabIndex = -1
  opening.setAttribute('aria-label', `Open ${name}`)
  opening.title = name
  opening.addEventListener('click', open)
  const removing = make('button', 'remove', '×')
  removing.type = 'button'
  removing.tabIndex = -1
  removing.setAttribute('aria-label', `Delete ${name}`)
  removing.addEventListener('click', remove)
  return {
    entry,
    item: make('li', '', opening, removing),
    mark(shown) {
      if (shown) opening.setAttribute('aria-current', 'true')
      else opening.removeAttribute('aria-current')
    },
  }
}

/** One stop of the Tab key for all of the list, however long; the arrow keys go from picture to picture. */
export function walkByArrows(list: HTMLElement): { stopAt(item: Element | null): void } {
  const stopAt = (item: Element | null): void => {
    for (const button of list.querySelectorAll<HTMLButtonElement>('[tabindex="0"]')) button.tabIndex = -1
    for (const button of item?.querySelectorAll('button') ?? []) button.tabIndex = 0
  }
  list.addEventListener('focusin', ({ target }) => stopAt((target as Element).closest('li')))
  list.addEventListener('keydown', (event) => {
    const here = (event.target as Element).closest('li')
    const next = {
      ArrowLeft: here?.previousElementSibling,
      ArrowRight: here?.nextElementSibling,
      Home: list.firstElementChild,
      End: list.lastElementChild,
    }[event.key]
    if (!next) return
    event.preventDefault()
    next.querySelector('button')?.focus()
  })
  return { stopAt }
}

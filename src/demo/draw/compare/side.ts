import { find, make } from '../../shared/dom'
import { toCanvas } from '../../shared/picture'
import type { Drawn } from '../easel'
import { type KeptEntry, keptPicture, unpackDrawn } from '../gallery-store'

/** One of the two: its list of pictures and its window. */
export interface Side {
  readonly view: HTMLElement
  shown(): Drawn | undefined
  /** Shows the kept picture of this key, or what is on the page by `drawn`. */
  put(key: string, drawn?: Drawn): Promise<void>
  /** Fills the list; the choice stays. */
  list(entries: readonly KeptEntry[], onPage: boolean): void
  /** Of the scales that both show together, coarse to fine: the part from 0 to 1 that is shown; 1 is the finished picture. */
  look(part: number): void
  /** The step of it that is shown, in cells; undefined while nothing is shown. */
  cells(): number | undefined
}

/** Stands in the list for a picture that is on the page and not kept. */
export const onPageKey = ''

export interface SideOptions {
  readonly side: 'left' | 'right'
  /** How a picture is called in the list. */
  called(entry: KeptEntry): string
  /** Another picture is shown, or none. */
  onChange(): void
  /** What is on the page. */
  onPage(): Drawn | undefined
  onProblem(words: string): void
}

export function createSide({ side, called, onChange, onPage, onProblem }: SideOptions): Side {
  const select = find(`compare-${side}`, HTMLSelectElement)
  const view = find(`compare-${side}-view`, HTMLElement)
  let drawn: Drawn | undefined
  let part = 1
  let turn = 0

  const step = (): number => Math.round(part * ((drawn?.scales.length ?? 1) - 1))
  const picture = () =>
    part < 1 ? drawn?.scales[step()]?.previews[0] : (drawn?.result.images[0] ?? drawn?.result.image)

  function paint(): void {
    const shown = picture() ?? drawn?.result.image
    if (!shown) {
      view.replaceChildren(make('p', '', 'No second picture yet. Choose one above, or draw one below.'))
      return
    }
    const canvas = toCanvas(shown)
    canvas.setAttribute('role', 'img')
    const words = `${drawn?.recipe.prompt || 'Without words'}, seed ${drawn?.result.seed}, ${shown.width} × ${shown.height} pixels`
    canvas.setAttribute('aria-label', words)
    view.replaceChildren(canvas)
  }

  async function put(key: string, given?: Drawn): Promise<void> {
    turn += 1
    const asked = turn
    select.value = key
    try {
      const kept = given || key === onPageKey ? undefined : await keptPicture(key)
      const next = given ?? (kept ? await unpackDrawn(kept) : onPage())
      if (asked !== turn) return
      drawn = next
    } catch (error) {
      onProblem(error instanceof Error ? error.message : String(error))
    }
    paint()
    onChange()
  }

  select.addEventListener('change', () => void put(select.value))

  return {
    view,
    shown: () => drawn,
    put,
    list(entries, withPage) {
      const { value } = select
      const options = entries.map((entry) => new Option(called(entry), entry.key))
      if (withPage) options.unshift(new Option('On the page now', onPageKey))
      select.replaceChildren(...options)
      select.value = value
    },
    look(next) {
      part = next
      paint()
    },
    cells: () => drawn?.scales[step()]?.size[1],
  }
}

import type { Picture } from '../../../index'
import { whatsapp } from '../../away/limits'
import { find, make } from '../../shared/dom'
import { toCanvas } from '../../shared/picture'
import { counted } from '../../shared/words'
import { keptEntries, keptPicture, unpackFinished } from '../gallery-store'
import { entryName } from '../names'

/** More are not offered at once; the newest are. */
const mostListed = 60

export interface PackList {
  /** Reads the gallery again; the newest are chosen, as many as a pack has. */
  refresh(): Promise<void>
  /** Newest first. */
  chosen(): Picture[]
  title(): string
}

/** Which pictures of the gallery go into a pack. */
export function createPackList(): PackList {
  const list = find('away-pack-list', HTMLUListElement)
  const words = find('away-pack-size', HTMLElement)
  const button = find('away-pack', HTMLButtonElement)
  const title = find('away-pack-title', HTMLInputElement)
  let rows: { readonly tick: HTMLInputElement; readonly picture: Picture }[] = []
  const { least, most } = whatsapp.pictures

  const ticked = () => rows.filter(({ tick }) => tick.checked)

  function tell(): void {
    const { length } = ticked()
    for (const { tick } of rows) tick.disabled = length >= most && !tick.checked
    button.disabled = length === 0
    words.textContent =
      rows.length === 0
        ? 'Draw some pictures first: a pack is made of the gallery.'
        : `${counted(length, 'picture')} of your gallery chosen; a pack has ${least} to ${most}.`
  }

  function row(picture: Picture, called: string, checked: boolean): HTMLLIElement {
    const tick = make('input')
    tick.type = 'checkbox'
    tick.checked = checked
    tick.setAttribute('aria-label', called)
    tick.addEventListener('change', tell)
    rows.push({ tick, picture })
    return make('li', '', make('label', '', tick, toCanvas(picture)))
  }

  return {
    async refresh() {
      const newest = (await keptEntries()).reverse().slice(0, mostListed)
      rows = []
      const all: HTMLLIElement[] = []
      for (const entry of newest) {
        const kept = await keptPicture(entry.key)
        const picture = kept && (await unpackFinished(kept))
        if (picture) all.push(row(picture, entryName(entry), rows.length < most))
      }
      list.replaceChildren(...all)
      tell()
    },
    chosen: () => ticked().map(({ picture }) => picture),
    title: () => title.value.trim().slice(0, 60) || 'scalewise',
  }
}

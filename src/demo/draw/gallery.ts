import { find, make } from '../shared/dom'
import { toCanvas } from '../shared/picture'
import { bytes, counted } from '../shared/words'
import type { Drawn, Easel } from './easel'
import {
  forgetPicture,
  type KeptPicture,
  keepPicture,
  keepPictures,
  keptPicture,
  keptPictures,
  packDrawn,
  room,
  unpackDrawn,
  unpackFinished,
} from './gallery-store'
import { formatLink } from './link'
import * as view from './view'

export interface Gallery {
  /** Opens the picture that an entry of the browser's history names; false where it names none. */
  revisit(state: unknown): boolean
  /** The same for a page that was loaded again, where the address alone would draw another picture: without its start. */
  reopen(state: unknown): boolean
}

export interface GalleryOptions {
  readonly model: URL
  readonly easel: Easel
  /** Fills the form with what drew the picture that was opened. */
  restore(drawn: Drawn): void
}

/** What the page writes into the browser's history beside the address. */
interface Place {
  readonly picture: string
  /** It began from a picture, which no address can hold. */
  readonly started: boolean
}

const placeOf = ({ key, start }: KeptPicture): Place => ({ picture: key, started: start !== undefined })

/** The row of kept pictures: every finished one, until it is deleted here. */
export function createGallery({ model, easel, restore }: GalleryOptions): Gallery {
  const list = find('gallery-list', HTMLOListElement)
  const news = find('gallery-news', HTMLElement)
  const undo = find('gallery-undo', HTMLButtonElement)
  const clear = find('gallery-clear', HTMLButtonElement)
  const rows = new Map<string, { readonly kept: KeptPicture; readonly row: HTMLLIElement }>()
  /** What Undo brings back. */
  let deleted: readonly KeptPicture[] = []
  let opened: Drawn | undefined
  /** The last one asked for is opened, however long the others take. */
  let asked = 0

  function say(words: string, undoable: readonly KeptPicture[] = []): void {
    deleted = undoable
    undo.disabled = undoable.length === 0
    news.textContent = words
  }

  function measure(): void {
    const all = [...rows.values()]
    const space = all.reduce((sum, { kept }) => sum + room(kept), 0)
    find('gallery-room', HTMLElement).textContent =
      all.length > 0
        ? `${counted(all.length, 'picture')}, ${bytes(space)} on this device.`
        : 'Every picture that you draw is kept here, on this device.'
    clear.disabled = all.length === 0
  }

  /** The newest stands last, so that none that is there moves. */
  async function add(kept: KeptPicture): Promise<void> {
    const picture = await unpackFinished(kept)
    if (!picture) return
    const name = `${kept.recipe.prompt}, seed ${kept.recipe.seed}`
    const open = make('button', 'open', toCanvas(picture))
    open.type = 'button'
    open.setAttribute('aria-label', `Open ${name}`)
    open.title = name
    open.addEventListener('click', () => void show(kept, true))
    const remove = make('button', 'remove', '×')
    remove.type = 'button'
    remove.setAttribute('aria-label', `Delete ${name}`)
    remove.addEventListener('click', () => void forget([kept]))
    const row = make('li', '', open, remove)
    rows.get(kept.key)?.row.remove()
    rows.set(kept.key, { kept, row })
    list.append(row)
    measure()
    if (!list.matches(':hover, :focus-within')) list.scrollLeft = list.scrollWidth
  }

  async function keep(drawn: Drawn): Promise<void> {
    try {
      const all = await packDrawn(drawn, model.href)
      const [first] = all
      if (first && easel.shown() === drawn) {
        history.replaceState(placeOf(first), '', location.href)
      }
      await keepPictures(all)
      for (const kept of all) await add(kept)
    } catch (error) {
      say(`This picture is not kept: ${reason(error)}`)
    }
  }

  async function forget(all: readonly KeptPicture[]): Promise<void> {
    try {
      for (const kept of all) {
        await forgetPicture(kept)
        rows.get(kept.key)?.row.remove()
        rows.delete(kept.key)
      }
      const [one] = all
      say(
        one && all.length === 1 ? `Deleted “${one.recipe.prompt}”.` : `Deleted ${counted(all.length, 'picture')}.`,
        all,
      )
      undo.focus() // The button that was pressed is gone.
    } catch (error) {
      say(`Not deleted: ${reason(error)}`)
    }
    measure()
  }

  async function bringBack(): Promise<void> {
    const all = deleted
    try {
      for (const kept of all) {
        await keepPicture(kept)
        await add(kept)
      }
      say(`${counted(all.length, 'picture')} back.`)
      find('gallery-title', HTMLElement).focus()
    } catch (error) {
      say(`Not brought back: ${reason(error)}`, all)
    }
  }

  async function show(kept: KeptPicture, visit: boolean): Promise<void> {
    asked += 1
    const turn = asked
    if (busy()) view.say('It opens as soon as the page is ready.')
    try {
      const drawn = await unpackDrawn(kept)
      await idle()
      if (turn !== asked) return
      opened = drawn
      if (visit) history.pushState(placeOf(kept), '', formatLink(kept.recipe))
      restore(drawn)
      const [coarsest] = drawn.scales
      const schedule = drawn.scales.map(({ size, sigma }) => ({ size, sigma }))
      easel.begin({ seeds: drawn.result.seeds, schedule, prompt: kept.recipe.prompt, first: 0 })
      const left = coarsest?.index ?? 0 // A picture that began from another one has no scales before.
      for (const event of drawn.scales) easel.add({ ...event, index: event.index - left, count: event.count - left })
      easel.show(drawn)
      document.title = `${kept.recipe.prompt} · scalewise`
      view.clearWarnings('picture')
      view.showTimings(drawn.result.timings)
      const words = `From the gallery. Seed ${kept.recipe.seed}.`
      if (view.state() === 'error') view.say(words)
      else view.enter('done', words)
    } catch (error) {
      say(`Not opened: ${reason(error)}`)
    }
  }

  async function load(): Promise<void> {
    try {
      for (const kept of await keptPictures()) await add(kept)
    } catch (error) {
      say(`The gallery cannot be read: ${reason(error)}`)
    }
    measure()
  }

  easel.onChange((drawn) => {
    if (drawn && drawn !== opened && !drawn.passing) void keep(drawn)
  })
  undo.addEventListener('click', () => void bringBack())
  clear.addEventListener('click', () => void forget([...rows.values()].map(({ kept }) => kept)))
  void load()

  function revisit(state: unknown): boolean {
    const key = (state as Partial<Place> | null)?.picture
    if (key === undefined) return false
    const kept = rows.get(key)?.kept
    if (kept) void show(kept, false)
    else void keptPicture(key).then((found) => found && show(found, false))
    return true
  }

  return { revisit, reopen: (state) => (state as Partial<Place> | null)?.started === true && revisit(state) }
}

const busy = (): boolean => view.state() === 'loading' || view.state() === 'drawing'

/** Resolves once nothing is loaded or drawn. */
function idle(): Promise<void> {
  if (!busy()) return Promise.resolve()
  return new Promise((resolve) => {
    const leave = view.onEnter(() => {
      if (busy()) return
      leave()
      resolve()
    })
  })
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

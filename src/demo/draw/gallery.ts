import { find, make } from '../shared/dom'
import { bytes, counted } from '../shared/words'
import type { Drawn, Easel } from './easel'
import { createRow, createThumbnails, type GalleryRow, walkByArrows } from './gallery-row'
import {
  entryOf,
  forgetPictures,
  type KeptEntry,
  type KeptPicture,
  keepPictures,
  keptEntries,
  keptPicture,
  packDrawn,
  unpackDrawn,
} from './gallery-store'
import { formatLink } from './link'
import { bringToSight } from './sight'
import * as view from './view'

export interface Gallery {
  /** Opens the picture that an entry of the browser's history names; false where it names none. */
  revisit(state: unknown): boolean
  /** The same for a page that was loaded again, where the address alone would draw another picture: without its start. */
  reopen(state: unknown): boolean
  /** Oldest first. */
  entries(): KeptEntry[]
  /** Called with the pictures of a drawing once they are kept. */
  onKept(listener: (kept: readonly KeptEntry[]) => void): void
  /** Called with how many there are, whenever that changes. */
  onCount(listener: (count: number) => void): void
  /** Of one picture of a drawing, once it is kept. */
  keyOf(drawn: Drawn, picture: number): string | undefined
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
  const rows = new Map<string, GalleryRow>()
  const thumbnails = createThumbnails(list)
  const walk = walkByArrows(list)
  const countListeners = new Set<(count: number) => void>()
  const keysOf = new WeakMap<Drawn, readonly string[]>()
  const keptListeners = new Set<(kept: readonly KeptEntry[]) => void>()
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
    const space = all.reduce((sum, { entry }) => sum + entry.room, 0)
    find('gallery-room', HTMLElement).textContent =
      all.length > 0
        ? `${counted(all.length, 'picture')}, ${bytes(space)} on this device.`
        : 'Every picture that you draw is kept here, on this device.'
    clear.disabled = all.length === 0
    for (const listener of countListeners) listener(all.length)
  }

  function markShown(): void {
    const drawn = easel.shown()
    const shown = (drawn && keysOf.get(drawn)) ?? []
    for (const [key, { mark }] of rows) mark(shown.includes(key))
  }

  /** The newest stands last, so that none that is there moves. */
  function add(entries: readonly KeptEntry[]): void {
    const items = entries.map((entry) => {
      const canvas = make('canvas')
      const row = createRow(entry, canvas, {
        open: () => void show(entry.key, true),
        remove: () => void forget([entry.key]),
      })
      thumbnails.watch(canvas, entry.key)
      rows.get(entry.key)?.item.remove()
      rows.delete(entry.key)
      rows.set(entry.key, row)
      return row.item
    })
    list.append(...items)
    measure()
    markShown()
    if (!list.contains(document.activeElement)) walk.stopAt(list.lastElementChild)
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
      const entries = all.map(entryOf)
      keysOf.set(
        drawn,
        all.map(({ key }) => key),
      )
      add(entries)
      for (const listener of keptListeners) listener(entries)
    } catch (error) {
      say(`This picture is not kept: ${reason(error)}`)
    }
  }

  async function forget(keys: readonly string[]): Promise<void> {
    try {
      const all: KeptPicture[] = []
      for (const key of keys) {
        const kept = await keptPicture(key)
        if (kept) all.push(kept)
      }
      await forgetPictures(keys)
      for (const key of keys) {
        rows.get(key)?.item.remove()
        rows.delete(key)
      }
      const [one] = all
      say(
        one && all.length === 1 ? `Deleted “${one.recipe.prompt}”.` : `Deleted ${counted(all.length, 'picture')}.`,
        all,
      )
      undo.focus() // The button that was pressed is gone.
      walk.stopAt(list.lastElementChild)
    } catch (error) {
      say(`Not deleted: ${reason(error)}`)
    }
    measure()
  }

  async function bringBack(): Promise<void> {
    const all = deleted
    try {
      // By tens: hundreds at a time would hold the page up while they are copied.
      for (let at = 0; at < all.length; at += 10) await keepPictures(all.slice(at, at + 10))
      add(all.map(entryOf))
      say(`${counted(all.length, 'picture')} back.`)
      find('gallery-title', HTMLElement).focus()
    } catch (error) {
      say(`Not brought back: ${reason(error)}`, all)
    }
  }

  async function show(key: string, visit: boolean): Promise<void> {
    asked += 1
    const turn = asked
    if (view.busy()) view.say('It opens as soon as the page is ready.')
    try {
      const kept = await keptPicture(key)
      if (!kept) throw new Error('It is not kept any more.')
      const drawn = await unpackDrawn(kept)
      await view.idle()
      if (turn !== asked) return
      opened = drawn
      keysOf.set(drawn, [key])
      if (visit) history.pushState(placeOf(kept), '', formatLink(kept.recipe))
      restore(drawn)
      bringToSight()
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
      add(await keptEntries())
    } catch (error) {
      say(`The gallery cannot be read: ${reason(error)}`)
    }
    measure()
  }

  easel.onChange((drawn) => {
    markShown()
    if (drawn && drawn !== opened && !drawn.passing) void keep(drawn)
  })
  undo.addEventListener('click', () => void bringBack())
  clear.addEventListener('click', () => void forget([...rows.keys()]))
  void load()

  function revisit(state: unknown): boolean {
    const key = (state as Partial<Place> | null)?.picture
    if (key !== undefined) void show(key, false)
    return key !== undefined
  }

  return {
    revisit,
    reopen: (state) => (state as Partial<Place> | null)?.started === true && revisit(state),
    entries: () => [...rows.values()].map(({ entry }) => entry),
    onKept: (listener) => void keptListeners.add(listener),
    onCount: (listener) => void countListeners.add(listener),
    keyOf: (drawn, picture) => keysOf.get(drawn)?.[picture],
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { createStore, delMany, get, keys, set, setMany, type UseStore, update } from 'idb-keyval'
import type { Study } from './format'
import type { PictureSet } from './sets'

/** What of the study is kept between visits. Where the browser refuses, it lasts as long as the page. */
export interface VoteStore {
  /** Whether what was written last is kept. */
  readonly kept: boolean
  study(id: string): Promise<Study | undefined>
  /**
   * Reads, changes and writes in one transaction, so that two tabs on the same study lose no votes. Resolves, once it is
   * on disk, to what was written.
   */
  change(id: string, change: (stored: Study | undefined) => Study): Promise<Study>
  /** Also forgets that it is the current one. */
  remove(id: string): Promise<void>
  /** The study that the page opens, with the pictures where they are kept. */
  current(): Promise<{ readonly study: Study; readonly sets?: readonly [PictureSet, PictureSet] } | undefined>
  /** Keeps the pictures of this study and frees those of others. Resolves to whether a reload will find them. */
  open(id: string, sets: readonly [PictureSet, PictureSet]): Promise<boolean>
  /** The page opens no study by itself then. */
  close(): Promise<void>
}

const CURRENT = 'current'

/** `onRefused` is called once, when the browser first refuses to keep something. */
export function createVoteStore(onRefused: () => void, database: () => UseStore = openDatabase): VoteStore {
  let store: UseStore | undefined
  let kept = true
  /** What this page read or wrote last, by key: what it works with once the browser refuses. */
  const memory = new Map<string, unknown>()

  /** Safari closes idle connections without a word: once more on a fresh one. */
  async function reopening<T>(call: (store: UseStore) => Promise<T>): Promise<T> {
    try {
      store ??= database()
      return await call(store)
    } catch (error) {
      if (!(error instanceof Error && error.name === 'InvalidStateError')) throw error
      store = database()
      return call(store)
    }
  }

  async function attempt<T>(call: (store: UseStore) => Promise<T>, otherwise: () => T): Promise<T> {
    if (!kept) return otherwise()
    try {
      return await reopening(call)
    } catch {
      kept = false
      onRefused()
      return otherwise()
    }
  }

  async function read<T>(key: string): Promise<T | undefined> {
    const value = await attempt(
      (db) => get<T>(key, db),
      () => memory.get(key) as T | undefined,
    )
    if (value !== undefined) memory.set(key, value)
    return value
  }

  async function write(key: string, value: unknown): Promise<void> {
    memory.set(key, value)
    await attempt(
      (db) => set(key, value, db),
      () => undefined,
    )
  }

  async function drop(dropped: readonly string[]): Promise<void> {
    for (const key of dropped) memory.delete(key)
    await attempt(
      (db) => delMany([...dropped], db),
      () => undefined,
    )
  }

  async function dropPictures(wanted: readonly string[]): Promise<void> {
    const all = await attempt(
      (db) => keys<string>(db),
      () => [...memory.keys()],
    )
    await drop(all.filter((key) => key.startsWith('pictures/') && !wanted.includes(key)))
  }

  return {
    get kept() {
      return kept
    },
    study: (id) => read<Study>(studyKey(id)),
    async change(id, change) {
      const key = studyKey(id)
      const changed = (stored: unknown): Study => change(stored as Study | undefined)
      return attempt(
        async (db) => {
          let written: Study | undefined
          await update(key, (stored) => (written = changed(stored)), db)
          memory.set(key, written)
          return written as Study
        },
        () => {
          const written = changed(memory.get(key))
          memory.set(key, written)
          return written
        },
      )
    },
    async remove(id) {
      await drop([studyKey(id), CURRENT])
      await dropPictures([])
    },
    async current() {
      const id = await read<string>(CURRENT)
      const study = id === undefined ? undefined : await read<Study>(studyKey(id))
      if (!study) return undefined
      const a = await read<PictureSet>(picturesKey(study.sets.a.sha256))
      const b = await read<PictureSet>(picturesKey(study.sets.b.sha256))
      return { study, ...(a && b && { sets: [a, b] as const }) }
    },
    async open(id, sets) {
      const own = sets.map(({ sha256 }) => picturesKey(sha256))
      await dropPictures(own)
      await write(CURRENT, id)
      if (!kept) return false
      try {
        // Not through `attempt`: where pictures find no room, votes still may.
        await reopening((db) =>
          setMany(
            sets.map((each) => [picturesKey(each.sha256), each]),
            db,
          ),
        )
        return true
      } catch {
        return false
      }
    },
    close: () => drop([CURRENT]),
  }
}

function studyKey(id: string): string {
  return `study/${id}`
}

function picturesKey(sha256: string): string {
  return `pictures/${sha256}`
}

function openDatabase(): UseStore {
  return createStore('scalewise-study', 'study')
}

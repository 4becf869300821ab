/** Served to tests alone, never built: the weights without an engine, with times that a test can wait for. */
import { createStore, del, get, keys, set } from 'idb-keyval'
import * as library from '../../src/index'
import type { EngineProgress } from '../../src/types'
import { waits } from '../../src/waits'
import { type OpenOptions, openModel } from '../../src/weights/open-model'

export interface Loading {
  /** Address of a manifest.json. */
  readonly model: string
  /** Paths of the files to load; all by default. */
  readonly only?: readonly string[]
  /** How they are loaded; as bytes by default. */
  readonly form?: 'blob'
  /** Keeps the model in use afterwards. */
  readonly keep?: boolean
  readonly options?: Pick<OpenOptions, 'stallMs' | 'retryMs' | 'page'>
}

export interface Loaded {
  readonly version?: string
  /** By path. */
  readonly sha256: Readonly<Record<string, string>>
  readonly stored: boolean
  readonly error?: { readonly name: string; readonly message: string }
}

declare global {
  interface Window {
    weights: typeof weights
  }
}

const database = createStore('scalewise', 'weights')

const weights = {
  ...library,
  waits,
  /** Of the last or the running load. */
  events: [] as EngineProgress[],
  stop: new AbortController(),
  last: Promise.resolve() as Promise<Loaded | undefined>,
  /** Loads that have not settled. */
  pending: 0,
  /** Starts a load without waiting for it; `last` is its result. */
  start(loading: Loading): void {
    weights.last = weights.load(loading)
  },
  async load({ model, only, form, keep, options }: Loading): Promise<Loaded> {
    weights.events = []
    weights.stop = new AbortController()
    const { signal } = weights.stop
    const progress = (event: EngineProgress) => void weights.events.push(event)
    const sha256: Record<string, string> = {}
    weights.pending++
    try {
      const open = await openModel(model, { progress }, signal, { retryMs: 20, ...options })
      try {
        const files = open.manifest.files.filter(({ path }) => only?.includes(path) ?? true)
        await Promise.all(
          files.map(async (file) => {
            const loaded = await open.load(file, signal, form)
            const bytes = loaded instanceof Blob ? await loaded.arrayBuffer() : loaded
            sha256[file.path] = hex(await crypto.subtle.digest('SHA-256', bytes))
          }),
        )
        const stored = await open.finish()
        open.fetchForLater() // As an engine does after its first picture.
        return { version: open.manifest.version, sha256, stored }
      } finally {
        if (!keep) open.close()
      }
    } catch (error) {
      const { name, message } = error as Error
      return { sha256, stored: false, error: { name, message } }
    } finally {
      weights.pending--
    }
  },
  /** Bytes of the running load, as its listener received them last. */
  loaded(path: string): number {
    const received = weights.events.findLast((event) => event.stage === 'download' && event.file === path)
    return received?.stage === 'download' ? received.loaded : 0
  },
  /** The database itself, past the library. */
  keys: () => keys<string>(database),
  get: (key: string) => get<unknown>(key, database),
  async flip(key: string, at: number): Promise<void> {
    const chunk = await get<Uint8Array>(key, database)
    if (!chunk) throw new Error(`There is no ${key}.`)
    chunk[at] = (chunk[at] ?? 0) ^ 1
    await set(key, chunk, database)
  },
  put: (key: string, value: unknown) => set(key, value, database),
  drop: (key: string) => del(key, database),
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

window.weights = weights

import type { KeyValueStore, KeyValues } from '../store/database'

type Write = readonly [key: string, value: unknown]

/** A database in memory that keeps a log, so that a test can see what a crash after any transaction leaves behind. */
export class MemoryStore implements KeyValueStore {
  readonly map: Map<string, unknown>
  /** What each transaction wrote, in its order; an undefined value is a deletion. */
  readonly log: (readonly Write[])[] = []
  /** Called before each write; what it throws is the transaction's error, as on a full disk. */
  beforeWrite: (key: string, value: unknown) => void = () => {}
  beforeRead: (key: string) => void = () => {}
  #last: Promise<unknown> = Promise.resolve()

  /** As it was after the first transactions of a log. */
  constructor(log: readonly (readonly Write[])[] = []) {
    this.map = new Map()
    for (const writes of log) this.#apply(writes)
  }

  /** One after the other, whatever their mode. */
  readonly transact = <T>(_mode: 'readonly' | 'readwrite', work: (values: KeyValues) => Promise<T>): Promise<T> => {
    const run = async () => {
      const writes: Write[] = []
      const before = new Map(this.map)
      const write = (key: string, value: unknown) => {
        writes.push([key, value])
        this.#put([key, value])
      }
      try {
        const result = await work(this.#values(write))
        for (const [key, value] of writes) if (value !== undefined) this.beforeWrite(key, value)
        if (writes.length > 0) this.log.push(writes)
        return result
      } catch (error) {
        this.map.clear()
        for (const [key, value] of before) this.map.set(key, value)
        throw error
      }
    }
    const result = this.#last.then(run, run)
    this.#last = result
    return result
  }

  /** Puts values there without a word to the log, as another release or a fault may. */
  plant(entries: Readonly<Record<string, unknown>>): void {
    for (const entry of Object.entries(entries)) this.#put(entry)
  }

  #values(write: (key: string, value: unknown) => void): KeyValues {
    return {
      get: async (key) => {
        this.beforeRead(key)
        return structuredClone(this.map.get(key))
      },
      count: async (key) => Number(this.map.has(key)),
      keys: async (prefix) => [...this.map.keys()].filter((key) => key.startsWith(prefix)),
      set: (key, value) => write(key, structuredClone(value)),
      delete: (key) => write(key, undefined),
    }
  }

  #apply(writes: readonly Write[]): void {
    this.log.push(writes)
    for (const each of writes) this.#put(each)
  }

  #put([key, value]: Write): void {
    if (value === undefined) this.map.delete(key)
    else this.map.set(key, value)
  }
}

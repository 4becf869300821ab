import type { KeyValueStore } from '../store/database'

type Write = readonly [key: string, value: unknown]

/** A database in memory that keeps a log, so that a test can see what a crash after any single write leaves behind. */
export class MemoryStore implements KeyValueStore {
  readonly map: Map<string, unknown>
  /** Every single write in its order; an undefined value is a deletion. */
  readonly log: Write[] = []
  /** Called before each write; what it throws is the write's error, as on a full disk. */
  beforeWrite: (key: string) => void = () => {}
  beforeRead: (key: string) => void = () => {}

  /** As it was after the first writes of a log. */
  constructor(log: readonly Write[] = []) {
    this.map = new Map()
    for (const write of log) this.#apply(write)
  }

  async get(key: string): Promise<unknown> {
    this.beforeRead(key)
    return structuredClone(this.map.get(key))
  }

  async set(entries: readonly Write[]): Promise<void> {
    for (const [key] of entries) this.beforeWrite(key)
    for (const [key, value] of entries) this.#apply([key, structuredClone(value)])
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#apply([key, undefined])
  }

  async keys(): Promise<readonly string[]> {
    return [...this.map.keys()]
  }

  #apply([key, value]: Write): void {
    this.log.push([key, value])
    if (value === undefined) this.map.delete(key)
    else this.map.set(key, value)
  }
}

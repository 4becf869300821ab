import { createStore, delMany, get, keys, setMany, type UseStore } from 'idb-keyval'

/** The few calls that the weights make of a database; IndexedDB in the browser. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>
  /** In this order, and all or nothing where the database has transactions; the weights do not rely on the latter. */
  set(entries: readonly (readonly [key: string, value: unknown])[]): Promise<void>
  /** In this order. */
  delete(keys: readonly string[]): Promise<void>
  keys(): Promise<readonly string[]>
}

/** IndexedDB through idb-keyval, opened at the first call. */
export function indexedDbStore(): KeyValueStore {
  let store: UseStore | undefined
  /** Safari closes idle connections without an event: once more on a fresh one. A rejection may also be `null`. */
  async function attempt<T>(call: (store: UseStore) => Promise<T>): Promise<T> {
    try {
      store ??= createStore('scalewise', 'weights')
      return await call(store)
    } catch (error) {
      store = undefined
      if (!(error instanceof Error && error.name === 'InvalidStateError')) throw error ?? new Error('IndexedDB refused')
      store = createStore('scalewise', 'weights')
      return await call(store)
    }
  }
  return {
    get: (key) => attempt((db) => get<unknown>(key, db)),
    set: (entries) => attempt((db) => setMany(entries as [string, unknown][], db)),
    delete: (dropped) => attempt((db) => delMany([...dropped], db)),
    keys: () => attempt((db) => keys<string>(db)),
  }
}

import { promisifyRequest } from 'idb-keyval'
import { waits, within } from '../../waits'
import type { Connection } from './try-again'

/** A database within one transaction, which ends when its work waits for anything else. */
export interface KeyValues {
  get(key: string): Promise<unknown>
  /** 1, or 0 where there is none. */
  count(key: string): Promise<number>
  /** Those that begin with `prefix`. */
  keys(prefix: string): Promise<readonly string[]>
  set(key: string, value: unknown): void
  delete(key: string): void
}

/** The one call that the weights make of a database; IndexedDB in the browser. */
export interface KeyValueStore {
  /** Runs `work` alone among those that write, all or nothing. It may be run again: a failure can pass. */
  transact<T>(mode: 'readonly' | 'readwrite', work: (values: KeyValues) => Promise<T>): Promise<T>
}

const TABLE = 'weights'

export function indexedDbStore(): KeyValueStore {
  const connection: Connection = {
    open(version) {
      const request = indexedDB.open('scalewise', version)
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE)
      const opened = promisifyRequest(request).then((database) => {
        database.onversionchange = database.onclose = () => {
          database.close()
          connection.opening = undefined
        }
        return database
      })
      return within(waits.openMs, opened)
    },
  }

  async function once<T>(mode: IDBTransactionMode, work: (values: KeyValues) => Promise<T>): Promise<T> {
    connection.opening ??= connection.open()
    const transaction = (await connection.opening).transaction(TABLE, mode)
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onabort = () => reject(transaction.error)
    })
    // What the work throws is told first.
    const all = Promise.all([work(valuesOf(transaction.objectStore(TABLE))), ended])
    try {
      return (await within(waits.transactionMs, all))[0]
    } catch (error) {
      try {
        transaction.abort()
      } catch {
        // It has ended already.
      }
      throw error
    }
  }

  return {
    transact: (mode, work) =>
      once(mode, work).catch(async (error) => {
        const { tryAgain } = await import('./try-again')
        return tryAgain(error, () => once(mode, work), connection)
      }),
  }
}

function valuesOf(table: IDBObjectStore): KeyValues {
  return {
    get: (key) => promisifyRequest(table.get(key)),
    count: (key) => promisifyRequest(table.count(key)),
    keys: (prefix) =>
      promisifyRequest(table.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`))) as Promise<string[]>,
    set: (key, value) => void table.put(value, key),
    delete: (key) => void table.delete(key),
  }
}

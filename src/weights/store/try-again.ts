/** A transaction that failed: loaded at the first failure. */
import { waits } from '../../waits'

/** The connection, from the first call on. It never stands in the way of a deletion or an upgrade by anybody else. */
export interface Connection {
  opening?: Promise<IDBDatabase> | undefined
  /** A higher version makes the table where there is none. */
  open(version?: number): Promise<IDBDatabase>
}

/** Failures that were seen to pass after a moment: a connection that was closed, a busy disk, room that is being freed. */
const PASSING = ['UnknownError', 'InvalidStateError', 'QuotaExceededError', 'AbortError', 'NotFoundError']
const TRIES = 3

/** Repeats `work` on a fresh connection while its failure is one that can pass; then throws the last one. */
export async function tryAgain<T>(failure: unknown, work: () => Promise<T>, connection: Connection): Promise<T> {
  let error = failure
  for (let tries = 1; tries < TRIES; tries++) {
    const { name } = (error ?? {}) as Error
    if (!PASSING.includes(name)) break
    const version = await closed(connection)
    // At once it would fail again.
    await new Promise((resolve) => setTimeout(resolve, waits.againMs * 2 ** (tries - 1)))
    // A database without its table was made by somebody else, or by a visit that ended in the middle.
    if (name === 'NotFoundError' && version) connection.opening = connection.open(version + 1)
    try {
      return await work()
    } catch (another) {
      error = another
    }
  }
  if (isTimeout(error)) {
    connection.opening = undefined
    throw new DOMException('the database does not answer; close the other tabs of this site', 'TimeoutError')
  }
  throw error ?? new Error('IndexedDB refused')
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

/** Ends a connection: one that failed is seldom good again. Resolves to the version of its database. */
async function closed(connection: Connection): Promise<number | undefined> {
  const database = await connection.opening?.catch(() => undefined)
  connection.opening = undefined
  database?.close()
  return database?.version
}

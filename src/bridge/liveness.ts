import { waits, within } from '../waits'

/**
 * A worker that is killed or closes itself fires no event, and its calls would wait for ever. But the browser releases
 * its Web Locks, however it ended.
 */

/** In the worker: resolves once the lock is held, which it is for as long as the worker lives. */
export function holdLiveness(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        resolve()
        return new Promise<never>(() => {})
      })
      .catch(reject)
  })
}

/**
 * On the page: calls `onEnd` with the reason when the worker does not start, or when it that holds the lock is gone.
 * `hold` makes it take the lock, its first word. Where a page has no Web Locks (outside https and localhost, or refused),
 * only its start is watched.
 */
export async function watchLiveness(
  hold: (name: string) => Promise<void>,
  onEnd: (reason: string) => void,
): Promise<void> {
  const locks = globalThis.navigator?.locks
  const name = `scalewise/worker/${locks ? crypto.randomUUID() : ''}`
  // A worker that may not hold a lock has started all the same, and cannot be watched.
  const started = hold(name).then(
    () => locks,
    () => undefined,
  )
  try {
    const watched = await within(waits.workerMs, started)
    watched?.request(name, () => onEnd('it ended without an error, perhaps because memory ran out')).catch(() => {})
  } catch (error) {
    onEnd(`its script did not start, ${(error as Error).message}`)
  }
}

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
 * On the page: calls `onEnd` when the worker that holds the lock is gone. `hold` makes it take the lock. Where a page has
 * no Web Locks (outside https and localhost), nothing is watched.
 */
export async function watchLiveness(hold: (name: string) => Promise<void>, onEnd: () => void): Promise<void> {
  const locks = globalThis.navigator?.locks
  if (!locks) return
  const name = `scalewise/worker/${crypto.randomUUID()}`
  try {
    await hold(name)
  } catch {
    return // A worker that cannot even answer this reports by its error event.
  }
  await locks.request(name, onEnd)
}

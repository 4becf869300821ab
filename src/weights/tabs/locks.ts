import { throwIfAborted } from '../../errors'

/** Held by the tab that downloads a file. */
export const fileLock = (sha256: string): string => `scalewise/file/${sha256}`
/** Shared by every engine that has a model; alone by whoever frees it to make room. */
export const modelLock = (address: string): string => `scalewise/model/${address}`

/** Missing outside https, and in old browsers: they go without. */
function locks(): LockManager | undefined {
  return globalThis.navigator?.locks
}

/** Runs `work` while no other tab holds the lock. Where one does, `waiting` is called, and what it returns at the end. */
export async function alone<T>(
  name: string,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  waiting: () => () => void,
): Promise<T> {
  const first = await tryAlone(name, async () => ({ result: await work() }))
  if (first) return first.result
  const stop = waiting()
  try {
    const options = signal ? { signal } : {}
    return await (locks() as LockManager).request(name, options, () => {
      stop()
      return work()
    })
  } catch (error) {
    throwIfAborted(signal)
    throw error
  } finally {
    stop()
  }
}

/** Runs `work` under the lock, or resolves to undefined where anybody else holds it. */
export async function tryAlone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  const manager = locks()
  if (!manager) return work()
  return manager.request(name, { ifAvailable: true }, async (lock) => (lock ? work() : undefined))
}

/** Holds a lock, together with others, until the returned function is called or the tab or worker ends. */
export async function hold(name: string, signal?: AbortSignal): Promise<() => void> {
  const manager = locks()
  if (!manager) return () => {}
  return new Promise((resolve, reject) => {
    const holding = () => new Promise<void>((release) => resolve(release))
    manager.request(name, { mode: 'shared', ...(signal && { signal }) }, holding).catch(reject)
  })
}

/** Names of all locks that any tab of this origin holds. */
export async function heldLocks(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await locks()?.query()) ?? {}
  return new Set(held.map(({ name = '' }) => name))
}

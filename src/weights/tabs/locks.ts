import { unlessAborted } from '../../errors'
import { waits } from '../../waits'

/** Held by the tab that downloads a file for a model. */
export const fileLock = (sha256: string, address: string): string => `scalewise/file/${sha256} ${address}`
/** Shared by every engine that has a model; alone by whoever frees it to make room. */
export const modelLock = (address: string): string => `scalewise/model/${address}`

/** Set once a browser refused one: it will refuse the next. */
let refused = false

/** Missing outside https, and in old browsers; refused to frames without an origin. They go without. */
function locks(): LockManager | undefined {
  return refused ? undefined : globalThis.navigator?.locks
}

/**
 * Asks for a lock; `work` hears whether it has it. Where the browser refuses locks altogether, it has it for lack of
 * anybody who could tell.
 */
export async function requestLock<T>(
  name: string,
  options: LockOptions,
  work: (has: boolean) => Promise<T>,
): Promise<T> {
  let asked = false
  try {
    const manager = locks()
    if (manager) {
      return await manager.request(name, options, (lock) => {
        asked = true
        return work(lock !== null)
      })
    }
  } catch (error) {
    if (asked || options.signal?.aborted) throw error
    refused = true
  }
  return work(true)
}

/** False from the first refusal on. */
export function locksWork(): boolean {
  return locks() !== undefined
}

/** Runs `work` under the lock, or resolves to undefined where anybody else holds it. */
export async function tryAlone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  return requestLock(name, { ifAvailable: true }, async (has) => (has ? work() : undefined))
}

/**
 * Holds a lock, together with others, until the returned function is called or the tab or worker ends. A tab that hung
 * while it freed the model is not waited for.
 *
 * @throws EngineError 'AbortError'
 */
export async function hold(name: string, signal?: AbortSignal): Promise<() => void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const granted = new Promise<void>((resolve, reject) => {
    requestLock(name, { mode: 'shared' }, () => {
      resolve()
      return released
    }).catch(reject)
    setTimeout(resolve, waits.freeingMs)
  })
  await unlessAborted(granted, signal).catch((error) => {
    release()
    throw error
  })
  return release
}

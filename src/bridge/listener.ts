import { type ProxyMarked, type ProxyMethods, proxy, releaseProxy } from 'comlink'

/** A callback that lives in the other thread. */
export type RemoteListener<T> = (event: T) => unknown

/**
 * In the worker: calls a listener without waiting for it, so that a busy page does not slow drawing, and closes its
 * channel at the end. Its messages travel apart from the call's own result: `close` makes sure that they came first.
 */
export function openListener<T>(remote: RemoteListener<T> | undefined) {
  const calls: Promise<unknown>[] = []
  return {
    call: remote && ((event: T) => void calls.push(Promise.resolve(remote(event)).catch(() => {}))),
    async close(): Promise<void> {
      await Promise.all(calls)
      ;(remote as Partial<ProxyMethods> | undefined)?.[releaseProxy]?.()
    },
  }
}

/**
 * On the page: makes a callback that the worker can call. It falls silent once the signal has fired, though the worker
 * learns of that a little later. What it throws goes to `onError`, not to the worker.
 */
export function exposeListener<T>(
  callback: ((event: T) => void) | undefined,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): (RemoteListener<T> & ProxyMarked) | undefined {
  if (!callback) return undefined
  return proxy((event: T) => {
    if (signal.aborted) return
    try {
      callback(event)
    } catch (error) {
      onError(error)
    }
  })
}

import { find } from '../shared/dom'
import { pageWaits } from '../shared/page-waits'

/** Says in the header that there is no network. Pictures are drawn all the same. */
export function startConnection(): void {
  const badge = find('network', HTMLElement)
  const show = (): void => {
    badge.textContent = navigator.onLine ? '' : 'Offline'
  }
  addEventListener('online', show)
  addEventListener('offline', show)
  show()
}

/**
 * Whether the server answers at all. A browser that says it is online may know no more than that there is a wireless
 * network, as on a train.
 */
export async function reachable(address: URL, signal: AbortSignal): Promise<boolean> {
  const either = new AbortController()
  const stop = (): void => either.abort()
  const timer = setTimeout(stop, pageWaits.serverMs)
  signal.addEventListener('abort', stop)
  try {
    await fetch(address, { method: 'HEAD', cache: 'no-store', signal: either.signal })
    return true
  } catch {
    return false
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** Resolves once the server answers, or when the signal fires. Looks when the browser comes online, and now and then. */
export async function whenReachable(address: URL, signal: AbortSignal): Promise<void> {
  const { askAgainMs, askAgainAtMostMs } = pageWaits
  for (let wait = askAgainMs; !signal.aborted; wait = Math.min(2 * wait, askAgainAtMostMs)) {
    await onlineOrLater(wait, signal)
    if (await reachable(address, signal)) return
  }
}

function onlineOrLater(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settled = new AbortController()
    const end = (): void => {
      settled.abort()
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end, { signal: settled.signal })
    signal.addEventListener('abort', end, { signal: settled.signal })
  })
}

/** What is rarely to be said or done around the loading of a model: fetched beside its manifest, on which nothing waits. */
import type { BestEffortStore } from './store/best-effort-store'
import { sumOf } from './store/records'
import type { ExpectedFile } from './store/verify'
import { warnOfTabs } from './tabs/announce'
import { locksWork } from './tabs/locks'

export { announce } from './tabs/announce'
export { waitFor } from './tabs/wait'

/** Stops storing where the browser says that there can be no room, and says where it hides tabs from each other. */
export async function lookAhead(
  bestEffort: BestEffortStore,
  address: string,
  files: readonly ExpectedFile[],
): Promise<void> {
  // Outside https there are no locks.
  if (globalThis.isSecureContext && !locksWork()) warnOfTabs(bestEffort.warn)
  const free = await freeBytes()
  if (free < sumOf(files)) await (await import('./store/evict')).stopWithoutRoom(bestEffort, address, files, free)
}

/** Bytes that this origin may still store; NaN where the browser does not say. */
async function freeBytes(): Promise<number> {
  const { quota, usage } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {}
  return Number(quota) - Number(usage)
}

/** `DownloadFailed` that says what is missing offline. */
export async function whatIsMissing(
  ...failure: Parameters<typeof import('./net/offline').offlineError>
): Promise<unknown> {
  const offline = await import('./net/offline').catch(() => undefined)
  return offline?.offlineError(...failure)
}

/** Code that a later visit may need while it has no network. */
export function fetchForLater(): void {
  const codes = [
    () => import('./store/versions'),
    () => import('./store/replace'),
    () => import('./store/trouble'),
    () => import('./store/try-again'),
    () => import('./net/offline'),
  ]
  // Where it fails, the next visit tries.
  for (const code of codes) code().catch(() => {})
}

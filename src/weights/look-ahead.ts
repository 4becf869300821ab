/** What a browser cannot do for a model, told before the first byte is asked for: nothing but the store depends on it. */
import type { BestEffortStore } from './store/best-effort-store'
import { sumOf } from './store/records'
import type { ExpectedFile } from './store/verify'
import { warnOfTabs } from './tabs/announce'
import { locksWork } from './tabs/locks'

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

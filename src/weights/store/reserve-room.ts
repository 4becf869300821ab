import type { BestEffortStore } from './best-effort-store'
import { freeBytes, megabytes } from './quota'
import type { WeightStore } from './weight-store'

/**
 * Evicts other models until `bytes` are free; resolves to whether they are. The code for it is loaded here: where that
 * fails, nothing is evicted, since the picture does not depend on it.
 */
export async function makeRoom(
  store: WeightStore,
  address: string,
  bytes: number,
  warn: (message: string) => void,
): Promise<boolean> {
  const evict = await import('./evict').catch(() => undefined)
  return (await evict?.evictModels(store, address, bytes, warn)) ?? false
}

/** Before a download of `needed` bytes: makes room for what does not fit, or stops storing where that is impossible. */
export async function reserveRoom(
  bestEffort: BestEffortStore,
  needed: number,
  evict: (bytes: number) => Promise<boolean>,
): Promise<void> {
  const free = needed > 0 ? await freeBytes() : undefined
  if (free === undefined || free >= needed) return
  if (await bestEffort.read(() => evict(needed - free))) return
  bestEffort.stop(`it needs ${megabytes(needed)}, and ${megabytes(free)} are free`)
}

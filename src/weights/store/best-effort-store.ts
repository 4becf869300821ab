import type { StoreState } from './trouble'
import { canVerify } from './verify'
import type { WeightStore } from './weight-store'

/** The store as one loading of a model sees it: what it refuses costs a warning, never the picture. */
export interface BestEffortStore extends StoreState {
  /** Resolves to undefined where the store refuses. */
  read<T>(work: (store: WeightStore) => Promise<T>): Promise<T | undefined>
  /**
   * Resolves to whether it was written. On a full disk, other models make room for `verified` bytes alone; what is not
   * verified stays in memory until it is.
   */
  write(work: (store: WeightStore) => Promise<unknown>, verified?: number): Promise<boolean>
}

export function createBestEffortStore(
  store: WeightStore,
  warn: StoreState['warn'],
  makeRoom: StoreState['makeRoom'],
): BestEffortStore {
  const works = canVerify()
  /** What to do about a failure is decided by code that is loaded then. */
  async function attempt<T>(work: () => Promise<T>, verified?: number): Promise<T | undefined> {
    try {
      const result = await work()
      state.failures = 0
      return result
    } catch (error) {
      const trouble = await import('./trouble').catch(() => undefined)
      if (!trouble) state.writing = false
      return trouble?.meetTrouble(state, error, work, verified)
    }
  }
  const state: BestEffortStore = {
    store,
    warn,
    makeRoom,
    reading: works,
    writing: works,
    full: false,
    failures: 0,
    read: async (work) => (state.reading ? attempt(() => work(store)) : undefined),
    async write(work, verified = 0) {
      if (!state.writing || (state.full && !verified)) return false
      return (await attempt(() => work(store).then(() => true), verified)) ?? false
    },
  }
  if (!works) void import('./trouble').then((trouble) => trouble.warnOfHttp(state))
  return state
}

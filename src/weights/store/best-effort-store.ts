import { canVerify } from './verify'
import type { WeightStore } from './weight-store'

/** The store as one loading of a model sees it: what it refuses costs a warning, never the picture. */
export interface BestEffortStore {
  /** False once the store refused or is full: new bytes stay in memory from then on. */
  readonly writing: boolean
  /** Resolves to undefined where the store refuses. */
  read<T>(work: (store: WeightStore) => Promise<T>): Promise<T | undefined>
  /** Writes, or stops writing. A full disk is asked for room once. */
  write(work: (store: WeightStore) => Promise<unknown>): Promise<void>
  /** Stops writing and says why. What is stored can still be read. */
  stop(reason: string): void
}

/** `makeRoom` frees space where it can and resolves to whether it did. */
export function createBestEffortStore(
  store: WeightStore,
  warn: (message: string) => void,
  makeRoom: () => Promise<boolean>,
): BestEffortStore {
  let reading = canVerify()
  let writing = reading
  let room: Promise<boolean> | undefined
  if (!reading) {
    warn('Without https (or localhost) a browser can neither check nor store the model. It works from memory.')
  }

  function stop(reason: string): void {
    if (writing) warn(`The browser did not store the model (${reason}). It works from memory.`)
    writing = false
  }

  return {
    get writing() {
      return writing
    },
    stop,
    async read(work) {
      if (!reading) return undefined
      try {
        return await work(store)
      } catch (error) {
        // A store that failed once is left alone: every further try would only be slow.
        reading = false
        stop(words(error))
        return undefined
      }
    },
    async write(work) {
      if (!writing) return
      try {
        await work(store).catch(async (error) => {
          if (!isFull(error)) throw error
          room ??= makeRoom()
          if (!(await room)) throw error
          await work(store)
        })
      } catch (error) {
        stop(isFull(error) ? `there is no room for it: ${words(error)}` : words(error))
      }
    },
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError'
}

function words(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

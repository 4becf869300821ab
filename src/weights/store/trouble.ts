/** What a failure of the store means: loaded at the first one. */
import { UnreadableRecord } from './read-records'
import { RECORD_FORMAT } from './records'
import type { WeightStore } from './weight-store'

/** What has been learnt of a store while a model loads. */
export interface StoreState {
  readonly store: WeightStore
  readonly warn: (message: string) => void
  /** Frees so many bytes where it can, and resolves to whether it did. */
  readonly makeRoom: (bytes: number) => Promise<boolean>
  reading: boolean
  /** False once the store refused: new bytes stay in memory from then on. */
  writing: boolean
  /** Bytes that are not verified find no room. */
  full: boolean
  /** In a row. */
  failures: number
}

/** Failures in a row after which a store is left alone: every further try would only be slow. */
const FAILURES = 3

/** Stops writing and says why. What is stored can still be read. */
export function stopWriting(state: StoreState, reason: string): void {
  if (state.writing) state.warn(`The browser did not store the model (${reason}). It works from memory.`)
  state.writing = false
}

export function warnOfHttp({ warn }: StoreState): void {
  warn('Without https (or localhost) a browser can neither check nor store the model. It works from memory.')
}

/**
 * Decides over a failed reading (`verified` is undefined), or a writing of so many verified bytes. Repeats the work where
 * something could be done; else resolves to undefined, and what the store cannot do is said once.
 */
export async function meetTrouble<T>(
  state: StoreState,
  error: unknown,
  work: () => Promise<T>,
  verified: number | undefined,
): Promise<T | undefined> {
  try {
    if (error instanceof UnreadableRecord && !error.newer) return await heal(state, error, work, verified)
    if (isFull(error) && verified && (await state.makeRoom(verified))) return await work()
  } catch (another) {
    return giveUp(state, another, verified)
  }
  return giveUp(state, error, verified)
}

/** A damaged record is put aside and counts as missing: what it described is fetched again. */
async function heal<T>(
  state: StoreState,
  { key }: UnreadableRecord,
  work: () => Promise<T>,
  verified: number | undefined,
): Promise<T | undefined> {
  await setAside(state.store, key)
  state.warn(`What the browser had stored as ${key} was damaged. It was put aside; what it described is fetched again.`)
  return work().catch((error) => meetTrouble(state, error, work, verified))
}

/** Where a damaged record is kept. */
export const asideOf = (key: string): string => `aside/${key}`

/** Moves a record to where nothing looks for it, so that whoever asks what happened still finds it. */
async function setAside({ transact }: WeightStore, key: string): Promise<void> {
  await transact('readwrite', async (values) => {
    values.set(asideOf(key), { format: RECORD_FORMAT, at: Date.now(), value: await values.get(key) })
    values.delete(key)
  })
}

function giveUp(state: StoreState, error: unknown, verified: number | undefined): undefined {
  if (verified !== undefined) {
    if (isFull(error) && !verified) state.full = true
    else stopWriting(state, isFull(error) ? `there is no room for it: ${words(error)}` : words(error))
    return
  }
  const newer = error instanceof UnreadableRecord
  if (!newer && (++state.failures === FAILURES || !canPass(error))) state.reading = false
  if (newer || !state.reading) stopWriting(state, words(error))
}

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError'
}

/** One that says nothing of the next try. */
function canPass(error: unknown): boolean {
  return error instanceof Error && /^(Unknown|InvalidState|Abort)Error$/.test(error.name)
}

function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message === 'deleted') return 'it was deleted while it loaded'
  return error instanceof UnreadableRecord ? error.message : `${error.name}: ${error.message}`
}

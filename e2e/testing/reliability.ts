import type { TestInfo } from '@playwright/test'

/** A fault that was injected, and what was measured afterwards. Numbers are left out where nothing was measured. */
export interface FaultRow {
  readonly fault: string
  /** What must happen. */
  readonly expected: string
  /** What happened. */
  readonly result: string
  /** Verified bytes that had to be fetched again. */
  readonly bytesLost?: number
  /** Promises that had not settled when the test was over. */
  readonly promisesPending?: number
  /** Latents allocated after the next picture. */
  readonly latentsAlive?: number
  /** How long it took the engine to answer; the result says from when. */
  readonly ms?: number
}

/** A row with the test that it comes from. */
export interface ReportedRow extends FaultRow {
  readonly spec: string
  readonly passed: boolean
}

export const ATTACHMENT = 'reliability'

/** Adds a row to the table at the end of the run. Call it with what the test measured, after its assertions. */
export function recordFault(testInfo: TestInfo, row: FaultRow): Promise<void> {
  return testInfo.attach(ATTACHMENT, { body: JSON.stringify(row), contentType: 'application/json' })
}

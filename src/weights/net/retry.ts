import { EngineError, throwIfAborted, unlessAborted } from '../../errors'
import type { EngineProgress } from '../../types'
import { waits } from '../../waits'

/** How the network is used. The times are milliseconds; tests shorten them. */
export interface Network {
  progress(event: EngineProgress): void
  /** A connection without a byte for this long counts as broken. */
  readonly stallMs: number
  /** Wait before the first retry; each further one waits twice as long. */
  readonly retryMs: number
}

/** Retries in a row without a new byte: 15 s of waiting in all. */
const RETRIES = 5

/** A failure that may pass: no connection, a stall, 408, 429, 5xx. */
export class Interrupted extends Error {
  /** What the server asked to wait, milliseconds. */
  readonly waitMs: number
  /** Whether that is what a server said, by a status. */
  readonly answered: boolean

  constructor(reason: string, options?: { cause?: unknown; waitMs?: number | undefined }) {
    super(reason, options)
    this.waitMs = Math.min(options?.waitMs ?? 0, waits.politeMs)
    this.answered = options?.waitMs !== undefined
  }
}

/**
 * Repeats `work` while it is `Interrupted`, up to 5 times in a row without progress, each announced by a `retry` event.
 *
 * @throws EngineError 'DownloadFailed' when that is used up or the browser knows that it is offline; 'AbortError'; what
 * else `work` threw.
 */
export async function retrying<T>(
  url: string,
  file: string,
  network: Network,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  progressed: () => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      throwIfAborted(signal)
      if (!(error instanceof Interrupted)) throw error
      if (progressed()) attempt = 1
      if (attempt > RETRIES || isOffline()) throw downloadFailed(url, error.message, error)
      const delayMs = Math.max(network.retryMs * 2 ** (attempt - 1), error.waitMs)
      network.progress({ stage: 'retry', file, attempt, limit: RETRIES, delayMs, reason: error.message })
      await unlessAborted(new Promise((resolve) => setTimeout(resolve, delayMs)), signal)
    }
  }
}

/** True only where the browser is sure. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false
}

export function downloadFailed(url: string, problem: string, cause?: unknown): EngineError {
  const remedy = problem.includes('answered 404')
    ? 'Check the model address and that every file of the manifest was uploaded beside it.'
    : 'Check the connection and, on another host, that it allows this page by CORS.'
  const offline = isOffline() ? ' (the browser is offline)' : ''
  return new EngineError('DownloadFailed', `Could not download ${url}: ${problem}${offline}. ${remedy}`, { cause })
}

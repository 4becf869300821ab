import { anySignal } from '../../signals'
import { downloadFailed, Interrupted } from './retry'

/** A response whose body is watched: it fails when no byte comes for `stallMs`, or when the signal fires. */
export interface WatchedResponse {
  readonly response: Response
  /**
   * The next piece of the body; undefined at its end.
   *
   * @throws Interrupted
   */
  read(): Promise<Uint8Array | undefined>
  /** Ends the connection. */
  cancel(): void
}

/**
 * Starts a request and watches it.
 *
 * @throws Interrupted where a retry may help.
 * @throws EngineError 'DownloadFailed' for every other status than 200, 206 and 416.
 */
export async function request(
  url: string,
  init: { cache: RequestCache; headers?: Record<string, string> },
  stallMs: number,
  signal: AbortSignal | undefined,
): Promise<WatchedResponse> {
  const ended = new AbortController()
  let stalled = false
  async function watched<T>(problem: string, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      stalled = true
      ended.abort()
    }, stallMs)
    try {
      return await work
    } catch (cause) {
      throw new Interrupted(stalled ? `nothing came for ${stallMs / 1000} s` : problem, { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  const either = anySignal(signal, ended.signal)
  const response = await watched('the server could not be reached', fetch(url, { ...init, signal: either }))
  const { status, statusText } = response
  if (!response.ok && status !== 416) {
    ended.abort()
    const problem = `the server answered ${status} ${statusText}`.trim()
    if (status !== 408 && status !== 429 && status < 500) throw downloadFailed(url, problem)
    throw new Interrupted(problem, { waitMs: 1000 * (Number(response.headers.get('retry-after')) || 0) })
  }
  const reader = response.body?.getReader()
  return {
    response,
    read: async () => (reader ? (await watched('the connection broke', reader.read())).value : undefined),
    cancel: () => ended.abort(),
  }
}

/** Servers of single-page apps answer a missing file with their index.html, captive portals any file: worth saying. */
export function kind(response: Response): string {
  return isPage(response)
    ? ` (the server sent ${response.headers.get('content-type')}, perhaps a page instead of the file)`
    : ''
}

export function isPage(response: Response): boolean {
  return response.headers.get('content-type')?.includes('html') ?? false
}

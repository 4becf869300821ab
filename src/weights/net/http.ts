import { anySignal } from '../../signals'
import { downloadFailed, Interrupted } from './retry'

/** Fewer bytes than these in `stallMs` are no download: they would hold everything up for hours. */
const LEAST_BYTES = 1024
const READ_BYTES = 2 ** 18

/** A response whose body is watched: it fails when nearly nothing comes for `stallMs`, or when the signal fires. */
export interface WatchedResponse {
  readonly response: Response
  /**
   * The next piece of the body, whose memory the one after it takes; undefined at its end.
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
 * @throws EngineError 'DownloadFailed' for every other status than 200 and 206.
 */
export async function request(
  url: string,
  init: { cache: RequestCache; headers?: Record<string, string> },
  stallMs: number,
  signal: AbortSignal | undefined,
): Promise<WatchedResponse> {
  const ended = new AbortController()
  let stalled = false
  /** What is left of `stallMs`, and what came of it. Time in which nobody reads does not count. */
  let left = stallMs
  let came = 0
  async function watched<T>(problem: string, work: Promise<T>): Promise<T> {
    const asked = performance.now()
    const timer = setTimeout(() => {
      stalled = true
      ended.abort()
    }, left)
    try {
      return await work
    } catch (cause) {
      const little = came ? `${came} bytes` : 'nothing'
      throw new Interrupted(stalled ? `${little} came for ${stallMs / 1000} s` : problem, { cause })
    } finally {
      clearTimeout(timer)
      left -= performance.now() - asked
    }
  }

  const either = anySignal(signal, ended.signal)
  const response = await watched('the server could not be reached', fetch(url, { ...init, signal: either }))
  left = stallMs
  const { status, statusText } = response
  if (!response.ok) {
    ended.abort()
    const problem = `the server answered ${status} ${statusText}`.trim()
    if (status !== 408 && status !== 429 && (status < 500 || status === 501)) throw downloadFailed(url, problem)
    throw new Interrupted(problem, { waitMs: 1000 * (Number(response.headers.get('retry-after')) || 0) })
  }
  const next = response.body ? readerOf(response.body) : async () => undefined
  return {
    response,
    async read() {
      const piece = await watched('the connection broke', next())
      came += piece?.length ?? 0
      if (came >= LEAST_BYTES) {
        left = stallMs
        came = 0
      }
      return piece
    },
    cancel: () => ended.abort(),
  }
}

/** Reads into one buffer where the browser can: in new ones, 512 MB at full speed left 0.2 GB for later to collect. */
function readerOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): () => Promise<Uint8Array | undefined> {
  let buffer = new ArrayBuffer(READ_BYTES)
  try {
    const reader = body.getReader({ mode: 'byob' })
    return async () => {
      const { value } = await reader.read(new Uint8Array(buffer))
      if (!value?.length) return undefined
      buffer = value.buffer
      return value
    }
  } catch {
    const reader = body.getReader()
    return async () => (await reader.read()).value
  }
}

/** Servers of single-page apps answer a missing file with their index.html, captive portals any file: worth saying. */
export function kind(response: Response): string {
  return isPage(response)
    ? ` (the server sent ${response.headers.get('content-type')}, perhaps a page instead of the file)`
    : ''
}

/** What the headers give for the body's length; undefined where they say that it is encoded. */
export function lengthOf({ headers }: Response): number | undefined {
  const length = headers.has('content-encoding') ? null : headers.get('content-length')
  return length === null ? undefined : Number(length)
}

export function isPage(response: Response): boolean {
  return response.headers.get('content-type')?.includes('html') ?? false
}

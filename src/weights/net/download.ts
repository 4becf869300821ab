import type { Gap, ResumableFile } from '../store/resumable-file'
import { corrupt, type ExpectedFile, verify } from '../store/verify'
import { isPage, kind, request, type WatchedResponse } from './http'
import { Interrupted, type Network, retrying } from './retry'

export interface DownloadOptions {
  readonly url: string
  readonly cache: RequestCache
  readonly network: Network
  readonly signal?: AbortSignal | undefined
  /** Bytes of the file so far; falls when the download starts over. */
  readonly onBytes?: (loaded: number) => void
}

const CHANGED = 'the file has changed on the server'

/**
 * Fetches what is missing of a file, by Range where some of it is there, and verifies the whole.
 *
 * @throws EngineError 'DownloadFailed', after which what came is kept; 'CorruptFile', after which nothing new is kept;
 * 'AbortError'.
 */
export async function download(partial: ResumableFile, options: DownloadOptions): Promise<void> {
  const { url, network, signal } = options
  let best = partial.loaded
  // A download that starts over and over again makes no progress.
  const progressed = () => {
    const before = best
    best = Math.max(best, partial.loaded)
    return best > before
  }
  const work = async () => {
    try {
      for (let gap = partial.gap(); gap; gap = partial.gap()) await fetchGap(partial, gap, options)
    } finally {
      await partial.flush()
    }
  }
  await retrying(url, partial.file.path, network, signal, work, progressed)
  try {
    await verify(partial.bytes, partial.file, url)
  } catch (error) {
    await partial.restart()
    throw error
  }
  await partial.complete()
}

async function fetchGap(partial: ResumableFile, gap: Gap, options: DownloadOptions): Promise<void> {
  const { file } = partial
  const { url, cache, network, signal } = options
  const whole = gap.to - gap.from === file.bytes
  const headers = whole ? {} : rangeHeaders(url, gap, partial)
  const connection = await request(url, { cache, headers }, network.stallMs, signal)
  const { response } = connection
  try {
    const part = !whole && response.status === 206
    if (part && continues(response, gap, partial)) return await receive(connection, partial, gap, options)
    if (part || response.status === 416) return await startOver(partial, options, CHANGED)
    // Before anything is dropped for it.
    refuseOtherFile(response, file, url)
    const etag = etagOf(response)
    if (partial.loaded > 0) {
      const changed = etag !== undefined && partial.etag !== undefined && etag !== partial.etag
      await startOver(partial, options, changed ? CHANGED : 'the server cannot continue a download')
    }
    partial.etag = etag
    await receive(connection, partial, { from: 0, to: file.bytes }, options)
  } finally {
    connection.cancel()
  }
}

async function receive(
  { response, read }: WatchedResponse,
  partial: ResumableFile,
  { from, to }: Gap,
  { url, onBytes }: DownloadOptions,
): Promise<void> {
  const { file } = partial
  partial.seek(from)
  let at = from
  for (let piece = await read(); piece; piece = await read()) {
    at += piece.length
    if (at > to) {
      await partial.restart()
      throw corrupt(file, url, `more than the expected ${file.bytes} bytes${kind(response)}`)
    }
    partial.write(piece)
    onBytes?.(partial.loaded)
  }
  if (at < to) throw new Interrupted(`the connection ended after ${at} of ${file.bytes} bytes`)
}

async function startOver(partial: ResumableFile, { network, onBytes }: DownloadOptions, reason: string): Promise<void> {
  const message = `${partial.file.path} is downloaded from its beginning again: ${reason}.`
  network.progress({ stage: 'warning', message })
  await partial.restart()
  onBytes?.(0)
}

/** `If-Range` would cost another origin a CORS preflight, which many hosts refuse; `continues` compares what it can. */
function rangeHeaders(url: string, { from, to }: Gap, { etag, file }: ResumableFile): Record<string, string> {
  const range = `bytes=${from}-${to < file.bytes ? to - 1 : ''}`
  const page = globalThis.location?.origin
  const strong = etag && !etag.startsWith('W/') && (page === undefined || new URL(url).origin === page)
  return { range, ...(strong && { 'if-range': etag }) }
}

/** Whether a 206 is the asked part of the same file, as far as its headers can be seen. */
function continues(response: Response, { from, to }: Gap, partial: ResumableFile): boolean {
  const { headers } = response
  const etag = headers.get('etag')
  if (etag !== null && partial.etag !== undefined && etag !== partial.etag) return false
  if (headers.has('content-encoding')) return false
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  if (!range) return true
  const [, first, last, total] = range
  return Number(first) === from && Number(last) < to && (total === '*' || Number(total) === partial.file.bytes)
}

/** A tag of an encoded body is not that of the bytes which a Range would count. */
function etagOf({ headers }: Response): string | undefined {
  return headers.has('content-encoding') ? undefined : (headers.get('etag') ?? undefined)
}

/** @throws EngineError 'CorruptFile' where the headers alone show that this is not the file. */
function refuseOtherFile(response: Response, file: ExpectedFile, url: string): void {
  const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length')
  const found = length === null ? file.bytes : Number(length)
  if (found > file.bytes) throw corrupt(file, url, `more than the expected ${file.bytes} bytes${kind(response)}`)
  if (found < file.bytes) throw corrupt(file, url, `${found} bytes, expected ${file.bytes}${kind(response)}`)
  if (isPage(response)) throw corrupt(file, url, `a page${kind(response)}`)
}

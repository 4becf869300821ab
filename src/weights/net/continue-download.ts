/** Fetching the rest of a file of which something is there: loaded then. */
import { isEngineError, throwIfAborted } from '../../errors'
import type { Gap, PartialFile } from '../store/resumable-file'
import { corrupt } from '../store/verify'
import { isPage, kind, lengthOf, request, type WatchedResponse } from './http'
import { type DownloadOptions, etagOf, fetchWhole, receive, refuseEnd, tooLong } from './receive'
import { Interrupted } from './retry'

/** What a download has learnt of its server. */
export interface RangeServer {
  refusesRanges?: boolean
  /** Ranges in a row that brought nothing, though the server was there. */
  vain?: number
}

/**
 * Fetches what is missing, by Range. A server that refuses those in whatever way is asked for the whole, which is compared
 * with what is there: nothing of that is dropped unless the file is another one.
 *
 * @throws EngineError as `download` does; Interrupted
 */
export async function fetchRest(partial: PartialFile, options: DownloadOptions, server: RangeServer): Promise<void> {
  for (let gap = partial.gap(); gap; gap = partial.gap()) {
    if (partial.loaded === 0) await fetchWhole(partial, options)
    else if (server.refusesRanges) await fetchToCompare(partial, options, server)
    else await fetchRange(partial, gap, options, server)
  }
}

async function fetchRange(
  partial: PartialFile,
  gap: Gap,
  options: DownloadOptions,
  server: RangeServer,
): Promise<void> {
  const { url, cache, network, signal } = options
  const headers = rangeHeaders(url, gap, partial)
  const before = partial.loaded
  let connection: WatchedResponse | undefined
  try {
    connection = await request(url, { cache, headers }, network.stallMs, signal)
    const { response } = connection
    if (response.status !== 206) return await compare(connection, partial, options)
    if (isOther(etagOf(response), partial)) return await startOver(partial, options)
    if (continues(response, gap, partial)) return await receive(connection, partial, gap, options)
    server.refusesRanges = true
  } catch (error) {
    throwIfAborted(signal)
    if (meansNoRanges(error, connection !== undefined, partial.loaded > before, server)) server.refusesRanges = true
    // What is wrong with a range may be right with the whole, which is asked for now. Else after a moment.
    if (!(error instanceof Interrupted) && server.refusesRanges) return
    throw error
  } finally {
    connection?.cancel()
  }
}

/** Whether a range failed in a way that a whole file may not: all but connections that break off. */
function meansNoRanges(error: unknown, responded: boolean, progressed: boolean, server: RangeServer): boolean {
  // By a status for good; or by a body of other length or content, as portals and proxies send it.
  if (!(error instanceof Interrupted))
    return isEngineError(error, 'DownloadFailed') || isEngineError(error, 'CorruptFile')
  // By no response, as proxies and refused preflights do it, which looks like no network at all.
  if (!responded && !error.answered) return true
  // By a status that may pass or an empty body: once that may be so.
  server.vain = progressed ? 0 : (server.vain ?? 0) + 1
  return server.vain > 1
}

async function fetchToCompare(partial: PartialFile, options: DownloadOptions, server: RangeServer): Promise<void> {
  const { url, cache, network, signal } = options
  const connection = await request(url, { cache }, network.stallMs, signal).catch((error) => {
    // It was the network after all.
    server.refusesRanges = false
    throw error
  })
  try {
    await compare(connection, partial, options)
  } finally {
    connection.cancel()
  }
}

/** Takes what is missing from a whole body, and compares the rest of it with what is there. */
async function compare(
  { response, read }: WatchedResponse,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<void> {
  const { file } = partial
  const { url, network, onBytes } = options
  const etag = etagOf(response)
  const length = lengthOf(response) ?? file.bytes
  // Else a login page or the like: what is there may be right.
  const mayBeFile = !isPage(response) && length === file.bytes
  if (mayBeFile && isOther(etag, partial)) return startOver(partial, options)
  const message = `${file.path} is downloaded from its beginning again: the server cannot continue a download.`
  network.progress({ stage: 'warning', message })
  let at = 0
  for (let piece = await read(); piece; piece = await read()) {
    if (at + piece.length > file.bytes) throw tooLong(partial, response, url)
    for (let from = 0; from < piece.length; ) {
      const gap = partial.gap(at)
      const known = Math.min(piece.length - from, (gap?.from ?? file.bytes) - at)
      const taken = known > 0 ? known : Math.min(piece.length - from, (gap?.to ?? file.bytes) - at)
      const part = piece.subarray(from, from + taken)
      if (known <= 0) {
        partial.seek(at)
        await partial.write(part)
      } else if (await partial.differs(at, part)) {
        if (mayBeFile) return startOver(partial, options)
        throw corrupt(file, url, `${length} bytes, others than those of before${kind(response)}`)
      }
      at += taken
      from += taken
    }
    onBytes?.(partial.loaded)
  }
  if (at < file.bytes) refuseEnd(response, at, partial, url)
  partial.etag = etag
}

async function startOver(partial: PartialFile, { network, onBytes }: DownloadOptions): Promise<void> {
  const message = `${partial.file.path} is downloaded from its beginning again: the file has changed on the server.`
  network.progress({ stage: 'warning', message })
  await partial.restart()
  onBytes?.(0)
}

function isOther(etag: string | undefined, partial: PartialFile): boolean {
  return etag !== undefined && partial.etag !== undefined && etag !== partial.etag
}

/** `If-Range` would cost another origin a CORS preflight, which many hosts refuse; `continues` compares what it can. */
function rangeHeaders(url: string, { from, to }: Gap, { etag, file }: PartialFile): Record<string, string> {
  const range = `bytes=${from}-${to < file.bytes ? to - 1 : ''}`
  const page = globalThis.location?.origin
  const strong = etag && !etag.startsWith('W/') && (page === undefined || new URL(url).origin === page)
  return { range, ...(strong && { 'if-range': etag }) }
}

/** Whether a 206 is the asked part, or the beginning of it, as far as its headers can be seen. */
function continues({ headers }: Response, { from, to }: Gap, { file }: PartialFile): boolean {
  if (headers.has('content-encoding')) return false
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  if (!range) return true
  const [, first, last, total] = range
  return Number(first) === from && Number(last) < to && (total === '*' || Number(total) === file.bytes)
}

import { isEngineError } from '../../errors'
import type { Gap, PartialFile } from '../store/resumable-file'
import { corrupt } from '../store/verify'
import { isPage, kind, lengthOf, request, type WatchedResponse } from './http'
import { Interrupted, type Network } from './retry'

export interface DownloadOptions {
  readonly url: string
  readonly cache: RequestCache
  readonly network: Network
  readonly signal?: AbortSignal | undefined
  /** Bytes of the file so far; falls when the download starts over. */
  readonly onBytes?: (loaded: number) => void
}

/** Of a file of which nothing is there. */
export async function fetchWhole(partial: PartialFile, options: DownloadOptions): Promise<void> {
  const { url, cache, network, signal } = options
  const connection = await request(url, { cache }, network.stallMs, signal)
  try {
    partial.etag = etagOf(connection.response)
    await receive(connection, partial, { from: 0, to: partial.file.bytes }, options)
  } catch (error) {
    if (isEngineError(error, 'CorruptFile')) await partial.restart()
    throw error
  } finally {
    connection.cancel()
  }
}

/** Puts a body where it belongs: all of a gap, or as much of it as the server sent. */
export async function receive(
  { response, read }: WatchedResponse,
  partial: PartialFile,
  { from, to }: Gap,
  { url, onBytes }: DownloadOptions,
): Promise<void> {
  partial.seek(from)
  let at = from
  for (let piece = await read(); piece; piece = await read()) {
    at += piece.length
    if (at > to) throw tooLong(partial, response, url)
    await partial.write(piece)
    onBytes?.(partial.loaded)
  }
  if (at < to) refuseEnd(response, at - from, partial, url)
}

/**
 * A body that ended early: a part may be shorter than asked, a whole may not.
 *
 * @throws EngineError 'CorruptFile' where that was all of it; Interrupted
 */
export function refuseEnd(response: Response, came: number, { file }: PartialFile, url: string): void {
  const all = lengthOf(response) === came
  if (response.status === 206) {
    if (all && came > 0) return
  } else if (all || isPage(response)) {
    throw corrupt(file, url, `${came} bytes, expected ${file.bytes}${kind(response)}`)
  }
  throw new Interrupted(`the connection ended after ${came} of ${file.bytes} bytes`)
}

export function tooLong({ file }: PartialFile, response: Response, url: string): Error {
  return corrupt(file, url, `more than the expected ${file.bytes} bytes${kind(response)}`)
}

/** A tag of an encoded body is not that of the bytes which a Range would count. */
export function etagOf({ headers }: Response): string | undefined {
  return headers.has('content-encoding') ? undefined : (headers.get('etag') ?? undefined)
}

/** A static server that cuts, corrupts, slows, refuses and changes files on command. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Answer, answer, fileOf, fileReader, type StaticFile } from './answer'

export type Fault =
  /** Destroys the connection after so many bytes of this response's body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Flips one bit of the byte at this offset of the file; responses without that byte are whole. The ETag stays. */
  | { readonly kind: 'corrupt'; readonly atByte: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Headers, so many bytes of this response's body (none by default), and nothing more; the connection stays open. */
  | { readonly kind: 'hold'; readonly afterBytes?: number }
  /** 200 and the whole file, whatever range was asked for. */
  | { readonly kind: 'noRange' }
  /** Answers ranges with a status, or by destroying the connection; everything else as ever. */
  | { readonly kind: 'refuseRange'; readonly status?: number }
  /** Sends no more than so many bytes of an asked range. */
  | { readonly kind: 'capRange'; readonly bytes: number }
  /** Compresses whole answers, and ranges of the compressed file. */
  | { readonly kind: 'gzip' }
  /** 302 to another path, or address. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** 403 unless the address has this query. */
  | { readonly kind: 'signed'; readonly query: string }
  /** Another file, with its own ETag; also where there was none. */
  | { readonly kind: 'replace'; readonly body: Buffer }
  /** Destroys the connection before any answer. */
  | { readonly kind: 'refuse' }
  /** 200 and a page, as a captive portal or a single-page host answers. */
  | { readonly kind: 'html' }

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly range?: string
  readonly ifRange?: string
  /** 0 where no answer was given. */
  readonly status: number
  /** Body bytes handed to the socket so far. */
  readonly sent: number
}

export interface FaultServer {
  /** Origin, without a slash at the end. */
  readonly url: string
  /** In the order in which they came. */
  readonly requests: SeenRequest[]
  /**
   * Answers the next `times` requests for a path (whole and with its leading slash, or a pattern) with a fault. The
   * first fault that was set and has turns left is the one that counts. The result takes it back.
   */
  fault(path: string | RegExp, fault: Fault, times?: number): () => void
  /** Destroys every connection and refuses new ones. */
  stop(): Promise<void>
  /** Serves again on the same port; faults and requests stay. */
  restart(): Promise<void>
}

export interface ServerOptions {
  /** Default: the built site. */
  readonly root?: string
  /** Added to every answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** Lets pages of other origins read, ranges included. */
  readonly cors?: boolean
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Range, If-Range, If-None-Match',
  'access-control-expose-headers': 'ETag, Content-Range, Accept-Ranges, Content-Length',
  'cross-origin-resource-policy': 'cross-origin',
}
const PIECE = 65_536
/** Milliseconds before each piece of a slow answer. */
const SLOW_STEP = 50

/** Serves a folder on a free port of 127.0.0.1. */
export async function startServer(options: ServerOptions = {}): Promise<FaultServer> {
  const read = fileReader(options.root ?? process.env.SITE_DIR ?? 'dist')
  // A browser repeats by itself a request that a reused connection lost; a fault must meet each request once.
  const common = { connection: 'close', ...(options.cors && CORS), ...options.headers }
  const requests: SeenRequest[] = []
  const faults: { matches(path: string): boolean; fault: Fault; left: number }[] = []

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error as Error))
  })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request
    const path = decodeURI(new URL(request.url ?? '/', 'http://127.0.0.1').pathname)
    const seen = { method, path, ...sentRange(headers), status: 0, sent: 0 }
    requests.push(seen)
    // A preflight asks for leave, not for the file.
    const fault = method === 'OPTIONS' ? undefined : takeFault(path)
    const range = headers.range !== undefined
    if (fault?.kind === 'refuse' || (fault?.kind === 'refuseRange' && range && fault.status === undefined)) {
      request.socket.destroy()
      return
    }
    const {
      status,
      headers: own,
      body,
    } = method === 'OPTIONS' ? empty(204) : answerWith(fault, await read(path), request)
    seen.status = status
    response.writeHead(status, { ...own, ...(status !== 304 && { 'content-length': body.length }), ...common })
    response.flushHeaders()
    if (method === 'HEAD') {
      response.end()
      return
    }
    await send(response, body, fault, (bytes) => {
      seen.sent += bytes
    })
  }

  function takeFault(path: string): Fault | undefined {
    const next = faults.find(({ left, matches }) => left > 0 && matches(path))
    if (next) next.left--
    return next?.fault
  }

  function listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  }

  function stop(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    fault(path, fault, times = Number.POSITIVE_INFINITY) {
      if (typeof path === 'string' && !path.startsWith('/')) throw new Error(`A path begins with a slash: ${path}`)
      const matches = (asked: string) => (typeof path === 'string' ? asked === path : asked.search(path) >= 0)
      const entry = { matches, fault, left: times }
      faults.push(entry)
      return () => {
        entry.left = 0
      }
    },
    stop,
    async restart() {
      if (server.listening) await stop()
      await listen(port)
    },
  }
}

function sentRange({ range, 'if-range': ifRange }: IncomingMessage['headers']): Partial<SeenRequest> {
  return { ...(range !== undefined && { range }), ...(ifRange !== undefined && { ifRange: String(ifRange) }) }
}

function answerWith(fault: Fault | undefined, found: StaticFile | undefined, request: IncomingMessage): Answer {
  if (fault?.kind === 'status') return text(fault.status, 'This answer was asked for.')
  if (fault?.kind === 'html') return text(200, '<!doctype html><title>Welcome</title>', 'text/html; charset=utf-8')
  if (fault?.kind === 'redirect') return { ...empty(302), headers: { location: fault.to } }
  if (fault?.kind === 'refuseRange' && request.headers.range) return text(fault.status ?? 400, 'No ranges here.')
  if (fault?.kind === 'signed' && !request.url?.endsWith(`?${fault.query}`)) return text(403, 'Not signed.')
  const file = fault?.kind === 'replace' ? fileOf(fault.body, request.url ?? '') : found
  if (!file) return text(404, 'There is no such file.')
  if (fault?.kind === 'noRange') {
    const { range: _, ...others } = request.headers
    const whole = answer(file, others)
    return { ...whole, headers: { ...whole.headers, 'accept-ranges': 'none' } }
  }
  if (fault?.kind === 'gzip') {
    const encoded = answer({ ...file, body: gzipSync(file.body) }, request.headers)
    return { ...encoded, headers: { ...encoded.headers, 'content-encoding': 'gzip' } }
  }
  const good = answer(file, capped(request.headers, fault))
  if (fault?.kind !== 'corrupt') return good
  const at = fault.atByte - good.start
  const body = Buffer.from(good.body)
  const byte = body[at]
  if (byte !== undefined) body[at] = byte ^ 1
  return { ...good, body }
}

/** The asked range, or the beginning of it. */
function capped(headers: IncomingMessage['headers'], fault: Fault | undefined): IncomingMessage['headers'] {
  const [, from] = /^bytes=(\d+)-/.exec(headers.range ?? '') ?? []
  if (fault?.kind !== 'capRange' || !from) return headers
  return { ...headers, range: `bytes=${from}-${Number(from) + fault.bytes - 1}` }
}

function text(status: number, words: string, type = 'text/plain; charset=utf-8'): Answer {
  return { ...empty(status), headers: { 'content-type': type }, body: Buffer.from(words) }
}

function empty(status: number): Answer {
  return { status, headers: {}, body: Buffer.alloc(0), start: 0 }
}

/** In pieces, so that what is counted as sent is what a reader that went away can have had. */
async function send(
  response: ServerResponse,
  body: Buffer,
  fault: Fault | undefined,
  onSent: (bytes: number) => void,
): Promise<void> {
  const stop = fault?.kind === 'cut' ? fault.afterBytes : fault?.kind === 'hold' ? (fault.afterBytes ?? 0) : body.length
  const end = Math.min(stop, body.length)
  const rate = fault?.kind === 'slow' ? fault.bytesPerSecond : undefined
  const size = rate === undefined ? PIECE : Math.max(1, Math.round((rate * SLOW_STEP) / 1000))
  const closed = new Promise<void>((resolve) => response.once('close', () => resolve()))
  for (let at = 0; at < end && !response.destroyed; at += size) {
    if (rate !== undefined) await Promise.race([new Promise((resolve) => setTimeout(resolve, SLOW_STEP)), closed])
    const piece = body.subarray(at, Math.min(at + size, end))
    const written = new Promise<void>((resolve) => response.write(piece, () => resolve()))
    onSent(piece.length)
    await Promise.race([written, closed])
  }
  if (fault?.kind === 'cut') response.socket?.destroy()
  else if (fault?.kind !== 'hold') response.end()
}

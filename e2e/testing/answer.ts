/** What a well-behaved static server says to a request: types, strong ETags, single ranges. Faults come on top. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'

export interface StaticFile {
  readonly body: Buffer
  readonly type: string
  /** Quoted, of the content. */
  readonly etag: string
}

export interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
  /** Where in the file the body begins. */
  readonly start: number
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

export function fileOf(body: Buffer, name: string): StaticFile {
  const type = TYPES[extname(name)] ?? 'application/octet-stream'
  return { body, type, etag: `"${createHash('sha256').update(body).digest('hex')}"` }
}

/** Reads files below a folder; a path that ends in a slash means its index.html. Undefined where there is none. */
export function fileReader(root: string): (path: string) => Promise<StaticFile | undefined> {
  const folder = resolve(root)
  const known = new Map<string, { readonly changed: number; readonly file: StaticFile }>()
  return async (path) => {
    const place = resolve(folder, `.${path.endsWith('/') ? join(path, 'index.html') : path}`)
    if (!place.startsWith(folder + sep)) return undefined
    const found = await stat(place).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const before = known.get(place)
    if (before?.changed === found.mtimeMs) return before.file
    const file = fileOf(await readFile(place), place)
    known.set(place, { changed: found.mtimeMs, file })
    return file
  }
}

/** Answers a GET or HEAD with 200, 206, 304 or 416. Of several ranges, or of one it cannot read, it makes nothing. */
export function answer(file: StaticFile, request: IncomingHttpHeaders): Answer {
  const { body, type, etag } = file
  const headers = { etag, 'content-type': type, 'accept-ranges': 'bytes', 'cache-control': 'no-cache' }
  if (matches(request['if-none-match'], etag)) return { status: 304, headers, body: Buffer.alloc(0), start: 0 }
  const range = parseRange(request.range, body.length)
  const condition = request['if-range']
  if (!range || (condition !== undefined && condition !== etag)) return { status: 200, headers, body, start: 0 }
  if (range === 'outside') {
    return {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${body.length}` },
      body: Buffer.alloc(0),
      start: 0,
    }
  }
  const [start, end] = range
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end - 1}/${body.length}` },
    body: body.subarray(start, end),
    start,
  }
}

function matches(condition: string | undefined, etag: string): boolean {
  const wanted = condition?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? []
  return wanted.includes('*') || wanted.includes(etag)
}

/** First byte and the one past the last. */
function parseRange(header: string | undefined, length: number): readonly [number, number] | 'outside' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? length : Math.min(length, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  return start < end ? [start, end] : 'outside'
}

/** Servers that lie: about the range, the length, the place or the form of what they send. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, type TestInfo } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { load, manifestOf, test } from './setup'

/** What the n-th request for the file gets; `from`: the first byte of an asked range. */
type Lie = (response: ServerResponse, file: Buffer, from: number | undefined, n: number, path: string) => void

const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
const EXPOSED = { ...CORS, 'access-control-expose-headers': 'ETag, Content-Range' }
const file = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * 7 + (i >> 5)) & 255))
const sha256 = createHash('sha256').update(file).digest('hex')
const path = 'denoiser.onnx'
const bomb = gzipSync(Buffer.alloc(3e8))

function send(response: ServerResponse, body: Buffer, headers = {}, status = 200): void {
  response.writeHead(status, { ...EXPOSED, 'content-length': body.length, ...headers })
  response.end(body)
}

function broken(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { ...EXPOSED, 'content-length': body.length, etag: '"1"' })
  response.write(body.subarray(0, body.length / 2))
  setTimeout(() => response.destroy(), 150)
}

/** The first answer breaks off in its middle; of what is asked for then, ranges are lied about. */
function range(of: (from: number) => string | undefined, body: (from: number) => Buffer): Lie {
  return (response, whole, from, n) => {
    if (n === 1) broken(response, whole)
    else if (from === undefined) send(response, whole)
    else send(response, body(from), { ...(of(from) && { 'content-range': of(from) }) }, 206)
  }
}

const right = (from: number): string => `bytes ${from}-${file.length - 1}/${file.length}`
const rest = (from: number): Buffer => file.subarray(from)
const beginning = (from: number): Buffer => file.subarray(0, file.length - from)
const parts = Buffer.from('--part\r\nContent-Range: bytes\r\n\r\n')
const status =
  (code: number, headers = {}): Lie =>
  (response) =>
    response.writeHead(code, { ...CORS, ...headers }).end()

const RANGES: Readonly<Record<string, Lie>> = {
  'other bytes': range(right, (from) => Buffer.alloc(file.length - from)),
  'the beginning': range(right, beginning),
  'the beginning, and no header': range(() => undefined, beginning),
  'another total': range((from) => `bytes ${from}-${file.length - 1}/${file.length + 7}`, rest),
  'no numbers': range(() => 'pages NaN', rest),
  'absurd numbers': range((from) => `bytes ${from}-99999999999999999999999/5`, rest),
  'several parts': range(
    () => undefined,
    (from) => Buffer.concat([parts, rest(from)]),
  ),
  nothing: range(right, () => Buffer.alloc(0)),
  crumbs: range(
    (from) => `bytes ${from}-${from + 4095}/*`,
    (from) => file.subarray(from, from + 4096),
  ),
  'half, though the whole was asked for': (response, whole, from = 0) =>
    send(response, whole.subarray(from, from + 31_000), {}, 206),
}

const NO_FILE: Readonly<Record<string, Lie>> = {
  '204': status(204),
  '205': status(205),
  '300': status(300),
  '304 unasked': status(304),
  '999': status(999),
  'a redirect to itself': (response, _, __, ___, place) =>
    status(302, { location: place })(response, file, 0, 0, place),
  'a redirect to data:': status(302, { location: 'data:,file' }),
  'a redirect to file:': status(302, { location: 'file:///etc/passwd' }),
  'another protocol': (response) => response.socket?.end('\0\x01 not http\r\n\r\n'),
  'an encoding that it is not in': (response, whole) => send(response, whole, { 'content-encoding': 'zstd' }),
  '300 kB that hold 300 MB': (response) => send(response, bomb, { 'content-encoding': 'gzip' }),
  'the file twice': (response, whole) => send(response, Buffer.concat([whole, whole])),
  'a body without an end': (response) => {
    response.writeHead(200, CORS)
    const timer = setInterval(() => (response.destroyed ? clearInterval(timer) : response.write(bomb)), 1)
  },
}

async function serve(lie: () => Lie | undefined) {
  const manifest = manifestOf('tiny')
  const files = manifest.files.map((each) => (each.path === path ? { ...each, bytes: file.length, sha256 } : each))
  const json = Buffer.from(JSON.stringify({ ...manifest, files }))
  let asked = 0
  const server = createServer((request: IncomingMessage, response) => {
    const { url = '', method, headers } = request
    const from = /bytes=(\d+)/.exec(headers.range ?? '')?.[1]
    const answer = lie()
    if (method === 'OPTIONS') status(204)(response, file, undefined, 0, url)
    else if (url.endsWith('.json')) send(response, json)
    else if (answer) answer(response, file, from === undefined ? undefined : Number(from), ++asked, url)
    else send(response, file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const model = `http://127.0.0.1:${(server.address() as AddressInfo).port}/manifest.json`
  function stop(): void {
    server.closeAllConnections()
    server.close()
  }
  return { model, stop }
}

for (const { lies, what, ends, tested } of [
  { lies: RANGES, what: 'lies about the range that it sends', ends: /^$/, tested: 'loaded, hash right' },
  {
    lies: NO_FILE,
    what: 'sends no file, or more than the file',
    ends: /^(DownloadFailed|CorruptFile)$/,
    tested: 'DownloadFailed or CorruptFile; loaded once it is honest',
  },
]) {
  test(`a server ${what}: ${tested}`, async ({ openTab, pending }, testInfo: TestInfo) => {
    const tab = await openTab()
    for (const [name, lie] of Object.entries(lies)) {
      let lying = true
      const { model, stop } = await serve(() => (lying ? lie : undefined))
      const loading = { model, only: [path], options: { stallMs: 3000, retryMs: 20 } }
      const first = await load(tab, loading)
      expect(first.error?.name ?? '', name).toMatch(ends)
      if (!first.error) expect(first.sha256[path], name).toBe(sha256)
      lying = false
      expect((await load(tab, loading)).sha256[path], name).toBe(sha256)
      await tab.evaluate((address) => window.weights.deleteModel(address), model)
      stop()
    }
    await recordFault(testInfo, {
      fault: `a server ${what}, in ${Object.keys(lies).length} ways`,
      expected: tested,
      result: `${tested}, each`,
      promisesPending: await pending(),
    })
  })
}

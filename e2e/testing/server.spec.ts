import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { type FaultServer, startServer } from './server'

/** The instrument of the other fault tests, driven by Node's own fetch. */

const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 251))
const etag = `"${createHash('sha256').update(content).digest('hex')}"`

let server: FaultServer

test.beforeEach(async () => {
  const root = test.info().outputPath('root')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'file.bin'), content)
  writeFileSync(join(root, 'index.html'), '<!doctype html>')
  server = await startServer({ root, cors: true, headers: { 'x-test': 'yes' } })
})

test.afterEach(() => server.stop())

function get(headers: Record<string, string> = {}, path = '/file.bin'): Promise<Response> {
  return fetch(server.url + path, { headers })
}

/** The bytes that came until the body ended or broke. */
async function bytes(response: Response): Promise<{ body: Buffer; broken: boolean }> {
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of response.body ?? []) pieces.push(piece)
    return { body: Buffer.concat(pieces), broken: false }
  } catch {
    return { body: Buffer.concat(pieces), broken: true }
  }
}

test('serves files with types, strong ETags and the headers that were asked for', async () => {
  const response = await get()
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    etag,
    'content-type': 'application/octet-stream',
    'content-length': '200000',
    'accept-ranges': 'bytes',
    'cache-control': 'no-cache',
    'access-control-allow-origin': '*',
    'x-test': 'yes',
  })
  expect((await bytes(response)).body).toEqual(content)
  expect((await get({}, '/')).headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect((await get({}, '/none')).status).toBe(404)
  expect((await get({}, '/%2e%2e/%2e%2e/package.json')).status).toBe(404)
  expect((await get({ 'if-none-match': etag })).status).toBe(304)
  const preflight = await fetch(`${server.url}/file.bin`, { method: 'OPTIONS' })
  expect(preflight.headers.get('access-control-allow-headers')).toContain('If-Range')
})

for (const [range, from, to] of [
  ['bytes=10-19', 10, 20],
  ['bytes=199990-', 199_990, 200_000],
  ['bytes=-5', 199_995, 200_000],
  ['bytes=0-999999', 0, 200_000],
] as const) {
  test(`${range}: 206 with these bytes`, async () => {
    const response = await get({ range, 'if-range': etag })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/200000`)
    expect((await bytes(response)).body).toEqual(content.subarray(from, to))
    expect(server.requests).toEqual([
      { method: 'GET', path: '/file.bin', range, ifRange: etag, status: 206, sent: to - from },
    ])
  })
}

test('a range past the end: 416; of another version, of several parts or malformed: 200 with everything', async () => {
  const past = await get({ range: 'bytes=200000-' })
  expect(past.status).toBe(416)
  expect(past.headers.get('content-range')).toBe('bytes */200000')
  const whole: Record<string, string>[] = [
    { range: 'bytes=5-', 'if-range': '"another"' },
    { range: 'bytes=1-2,4-5' },
    { range: 'bytes=5-2' },
    { range: 'lines=1-2' },
  ]
  for (const headers of whole) {
    const response = await get(headers)
    expect(response.status).toBe(200)
    expect((await bytes(response)).body).toEqual(content)
  }
})

test('cut: so many bytes of the body, then a broken connection', async () => {
  server.fault('/file.bin', { kind: 'cut', afterBytes: 70_001 }, 1)
  expect(await bytes(await get({ range: 'bytes=1000-' }))).toEqual({
    body: content.subarray(1000, 71_001),
    broken: true,
  })
  expect(server.requests[0]).toMatchObject({ status: 206, sent: 70_001 })
  expect((await bytes(await get())).broken).toBe(false)
})

test('corrupt: one bit at an offset of the file, also in a range', async () => {
  server.fault(/bin$/, { kind: 'corrupt', atByte: 1234 })
  const { body } = await bytes(await get())
  expect(body.findIndex((byte, at) => byte !== content[at])).toBe(1234)
  expect((await bytes(await get({ range: 'bytes=1230-1239' }))).body).toEqual(body.subarray(1230, 1240))
  expect((await bytes(await get({ range: 'bytes=1235-' }))).body).toEqual(content.subarray(1235))
})

test('status, html, noRange and replace answer as they say', async () => {
  server.fault('/file.bin', { kind: 'status', status: 503 }, 2)
  server.fault('/file.bin', { kind: 'html' }, 1)
  server.fault('/file.bin', { kind: 'noRange' }, 1)
  server.fault('/file.bin', { kind: 'replace', body: Buffer.from('another file') }, 1)
  const answers: Response[] = []
  for (let i = 0; i < 6; i++) answers.push(await get({ range: 'bytes=0-3' }))
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 200, 200, 206, 206])
  expect(answers[2]?.headers.get('content-type')).toContain('text/html')
  expect(answers[3]?.headers.get('accept-ranges')).toBe('none')
  expect(await answers[3]?.arrayBuffer()).toHaveProperty('byteLength', 200_000)
  expect(await answers[4]?.text()).toBe('anot')
  expect(answers[4]?.headers.get('etag')).not.toBe(etag)
  expect(answers[5]?.headers.get('etag')).toBe(etag)
})

test('hold gives headers and no body; a reader that leaves is noticed', async () => {
  server.fault('/file.bin', { kind: 'hold' }, 1)
  const stop = new AbortController()
  const response = await fetch(`${server.url}/file.bin`, { signal: stop.signal })
  expect(response.headers.get('content-length')).toBe('200000')
  const read = bytes(response)
  stop.abort()
  expect(await read).toEqual({ body: Buffer.alloc(0), broken: true })
  expect(server.requests[0]).toMatchObject({ status: 200, sent: 0 })
})

test('slow keeps its rate and stops sending to a reader that left', async () => {
  server.fault('/file.bin', { kind: 'slow', bytesPerSecond: 100_000 })
  const start = performance.now()
  expect((await bytes(await get({ range: 'bytes=0-19999' }))).body).toEqual(content.subarray(0, 20_000))
  // Four pieces, each with its 50 ms; a busy machine may only make it slower.
  expect(performance.now() - start).toBeGreaterThan(190)
  const left = await get()
  await left.body?.cancel()
  await expect(async () => {
    const before = server.requests[1]?.sent
    await bytes(await get({ range: 'bytes=0-19999' }))
    expect(server.requests[1]?.sent).toBe(before)
  }).toPass()
  expect(server.requests[1]?.sent).toBeLessThan(200_000)
})

test('refuse, and stop: no answer; restart serves on the same port, faults kept', async () => {
  const remove = server.fault('/file.bin', { kind: 'refuse' })
  await expect(get()).rejects.toThrow()
  expect(server.requests).toEqual([{ method: 'GET', path: '/file.bin', status: 0, sent: 0 }])
  remove()
  expect((await get()).status).toBe(200)
  server.fault('/file.bin', { kind: 'status', status: 500 }, 1)
  await server.stop()
  await expect(get()).rejects.toThrow()
  expect(server.requests).toHaveLength(2)
  await server.restart()
  expect((await get()).status).toBe(500)
  expect((await get()).status).toBe(200)
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EngineProgress } from '../types'
import { createFileLoader } from './load-files'
import { createBestEffortStore } from './store/best-effort-store'
import { storedBytes } from './store/read-stored'
import { createWeightStore } from './store/weight-store'
import { MemoryStore } from './testing/memory-store'
import { content, hash, openSite, type Site } from './testing/site'
import { CHUNK, visitsTo } from './testing/visit'

const bytes = content(200_000)
const path = 'model.onnx'
let site: Site
let file: ReturnType<Site['put']>

// A server for each test: no fault outlives it.
beforeEach(async () => {
  site = await openSite()
  file = site.put(path, bytes)
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await site.close()
})

const visit = visitsTo(() => site.address)

describe('one visit', () => {
  it('downloads once and reports its progress, then reads from the store', async () => {
    const first = visit()
    expect(hash(await first.load(file))).toBe(file.sha256)
    const seen = first.events.map((event) => (event.stage === 'download' ? event.loaded : -1))
    expect(seen.at(-1)).toBe(bytes.length)
    expect(seen).toEqual([...seen].sort((one, other) => one - other))
    const second = visit(first.values)
    expect(hash(await second.load(file))).toBe(file.sha256)
    expect(second.events).toEqual([
      { stage: 'download', file: path, loaded: bytes.length, total: bytes.length, source: 'store' },
    ])
    expect(site.server.requests).toHaveLength(1)
    expect([...first.warnings, ...second.warnings]).toEqual([])
  })

  it('continues by itself where a connection broke, at any byte', async () => {
    for (const afterBytes of [1, CHUNK - 1, CHUNK, 65_537, 199_999]) {
      site.forget()
      site.server.fault(`/${path}`, { kind: 'cut', afterBytes }, 1)
      const { load, retries } = visit()
      expect(hash(await load(file))).toBe(file.sha256)
      expect(site.sent(path)).toBe(bytes.length)
      expect(site.server.requests[1]).toMatchObject({ status: 206, range: `bytes=${afterBytes}-` })
      expect(site.server.requests[1]?.ifRange).toBe(`"${file.sha256}"`)
      expect(retries()).toMatchObject([
        { file: path, attempt: 1, limit: 5, delayMs: 1, reason: expect.stringMatching(/broke|terminated/) },
      ])
    }
  })

  it.each([500, 503, 408, 429])('tries again after %i', async (status) => {
    site.server.fault(`/${path}`, { kind: 'status', status }, 2)
    const { load, retries } = visit()
    expect(hash(await load(file))).toBe(file.sha256)
    expect(retries()).toMatchObject([
      { attempt: 1, delayMs: 1, reason: expect.stringContaining(String(status)) },
      { attempt: 2, delayMs: 2 },
    ])
  })

  it.each([400, 401, 403, 404, 410])('does not try again after %i', async (status) => {
    const repair = site.server.fault(`/${path}`, { kind: 'status', status })
    const { load } = visit()
    await expect(load(file)).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringMatching(new RegExp(`${site.server.url}/${path}.*${status}.*Check`, 's')),
    })
    expect(site.server.requests).toHaveLength(1)
    repair()
  })

  it('gives up after five retries without a byte, and counts from the start after each byte', async () => {
    const repair = site.server.fault(`/${path}`, { kind: 'refuse' })
    const { load, retries } = visit()
    await expect(load(file)).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringMatching(/could not be reached/),
    })
    expect(retries()).toHaveLength(5)
    repair()
    for (let i = 0; i < 20; i++) site.server.fault(`/${path}`, { kind: 'cut', afterBytes: 9_000 }, 1)
    const flaky = visit()
    expect(hash(await flaky.load(file))).toBe(file.sha256)
    expect(flaky.retries()).toHaveLength(20)
    expect(new Set(flaky.retries().map((event) => event.stage === 'retry' && event.attempt))).toEqual(new Set([1]))
  })

  it('takes a silent connection for a broken one', async () => {
    site.server.fault(`/${path}`, { kind: 'hold' }, 1)
    const { load, retries } = visit(new MemoryStore(), 100)
    expect(hash(await load(file))).toBe(file.sha256)
    expect(retries()).toMatchObject([{ reason: 'nothing came for 0.1 s' }])
  })

  it('takes a connection that drips for a broken one, and continues', async () => {
    site.server.fault(`/${path}`, { kind: 'slow', bytesPerSecond: 200 }, 1)
    const { load, retries } = visit(new MemoryStore(), 300)
    expect(hash(await load(file))).toBe(file.sha256)
    expect(retries()).toMatchObject([{ reason: expect.stringMatching(/^\d+ bytes came for 0\.3 s$/) }])
    expect(site.sent(path)).toBeLessThan(bytes.length + 100)
  })

  it('takes what came compressed, whatever the headers say of its length', async () => {
    const text = site.put('tokenizer.json', Buffer.from('{"a":1}'.repeat(9000)))
    site.server.fault('/tokenizer.json', { kind: 'gzip' })
    expect(hash(await visit().load(text))).toBe(text.sha256)
  })

  it('does not retry where the browser knows that it is offline', async () => {
    vi.stubGlobal('navigator', { onLine: false })
    const repair = site.server.fault(`/${path}`, { kind: 'refuse' })
    const { load, retries } = visit()
    await expect(load(file)).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringMatching(/offline/),
    })
    expect(retries()).toEqual([])
    repair()
  })

  it('ends at once when its signal fires: before, while receiving, and while waiting for a retry', async () => {
    await expect(visit().load(file, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    expect(site.server.requests).toEqual([])

    const receiving = site.server.fault(`/${path}`, { kind: 'slow', bytesPerSecond: 200_000 })
    const stop = new AbortController()
    const { load, events, values } = visit()
    const loading = load(file, stop.signal)
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(0))
    stop.abort('enough')
    await expect(loading).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    receiving()
    const kept = await storedBytes(createWeightStore(values), file, site.address)
    expect(kept).toBe(events.reduce((most, event) => Math.max(most, event.stage === 'download' ? event.loaded : 0), 0))

    const refused = site.server.fault(`/${path}`, { kind: 'refuse' })
    const waiting = new AbortController()
    const bestEffort = createBestEffortStore(
      createWeightStore(new MemoryStore()),
      () => {},
      async () => false,
    )
    const network = {
      stallMs: 1e6,
      retryMs: 1e6,
      progress: (event: EngineProgress) => event.stage === 'retry' && waiting.abort(),
    }
    const patient = createFileLoader(site.address, bestEffort, network)
    await expect(patient(file, waiting.signal)).rejects.toMatchObject({ name: 'AbortError' })
    refused()
  })

  it('loads three files at a time, in the order of the calls', async () => {
    const files = ['a', 'b', 'c', 'd', 'e'].map((name, i) => site.put(`${name}.bin`, content(1000, i + 2)))
    const held = site.server.fault(/bin$/, { kind: 'hold' })
    const { load } = visit(new MemoryStore(), 300)
    const loading = files.map((each) => load(each))
    const asked = () => [...new Set(site.server.requests.map((request) => request.path))]
    await vi.waitFor(() => expect(asked()).toHaveLength(3))
    // Connections that are opened together may reach the server in any order.
    expect(asked().sort()).toEqual(['/a.bin', '/b.bin', '/c.bin'])
    held()
    expect((await Promise.all(loading)).map(hash)).toEqual(files.map(({ sha256 }) => sha256))
    expect(asked().slice(3).sort()).toEqual(['/d.bin', '/e.bin'])
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MemoryStore } from './testing/memory-store'
import { content, hash, openSite, type Site } from './testing/site'
import { CHUNK, fileKeys, visitsTo } from './testing/visit'

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

/** Ends a visit in the middle, as a closed tab would: the first answer is cut and the second never comes. */
async function interrupt(values: MemoryStore, afterBytes: number): Promise<void> {
  site.server.fault(`/${path}`, { kind: 'cut', afterBytes }, 1)
  site.server.fault(`/${path}`, { kind: 'hold' }, 1)
  const before = site.server.requests.length
  const stop = new AbortController()
  const { load, retries } = visit(values)
  const loading = load(file, stop.signal)
  // Both faults are used up then, and the second answer is held for good: lifted, it could send to whoever is leaving.
  await vi.waitFor(() => expect(site.server.requests).toHaveLength(before + 2), 5_000)
  expect(retries()).toHaveLength(1)
  stop.abort()
  await expect(loading).rejects.toMatchObject({ name: 'AbortError' })
}

describe('the next visit', () => {
  it('continues where the last one was interrupted: no byte is sent twice', async () => {
    for (const afterBytes of [1, CHUNK, 65_537, 150_001, 199_999]) {
      site.forget()
      const values = new MemoryStore()
      await interrupt(values, afterBytes)
      const { load, events, warnings } = visit(values)
      expect(hash(await load(file))).toBe(file.sha256)
      expect(events[0]).toMatchObject({ loaded: afterBytes, source: 'store' })
      expect(site.sent(path)).toBe(bytes.length)
      expect(warnings).toEqual([])
    }
  })

  it('starts over, and says so, where the server cannot continue', async () => {
    const { values } = visit()
    await interrupt(values, 100_000)
    const repair = site.server.fault(`/${path}`, { kind: 'noRange' })
    const { load, warnings } = visit(values)
    expect(hash(await load(file))).toBe(file.sha256)
    expect(warnings).toEqual([expect.stringMatching(/beginning again.*cannot continue/)])
    repair()
  })

  it.each([
    ...[400, 403, 405, 416, 501].map(
      (status) => [`answers ranges with ${status}`, { kind: 'refuseRange', status }] as const,
    ),
    ['resets connections that ask for ranges', { kind: 'refuseRange' }],
    ['compresses', { kind: 'gzip' }],
  ] as const)(
    'loads the file once more, whole, from a server that %s: what was there is compared',
    async (_, fault) => {
      const { values } = visit()
      await interrupt(values, 100_000)
      site.server.fault(`/${path}`, fault)
      // Half of the whole comes before it is cut: nothing of it is lost either.
      const { load, warnings, events } = visit(values)
      expect(hash(await load(file))).toBe(file.sha256)
      expect(warnings).toEqual([expect.stringMatching(/beginning again.*cannot continue/)])
      const seen = events.flatMap((event) => (event.stage === 'download' ? [event.loaded] : []))
      expect(Math.min(...seen)).toBe(100_000)
    },
  )

  it('continues with a server that sends less than was asked', async () => {
    const { values } = visit()
    await interrupt(values, 100_000)
    site.forget()
    site.server.fault(`/${path}`, { kind: 'capRange', bytes: 30_000 })
    const { load, retries, warnings } = visit(values)
    expect(hash(await load(file))).toBe(file.sha256)
    expect(site.sent(path)).toBe(100_000)
    expect([...retries(), ...warnings]).toEqual([])
  })

  it('keeps what it has when the whole is cut as well', async () => {
    const { values } = visit()
    await interrupt(values, 100_000)
    site.server.fault(`/${path}`, { kind: 'refuseRange', status: 403 }, 1)
    site.server.fault(`/${path}`, { kind: 'cut', afterBytes: 150_000 }, 1)
    site.server.fault(`/${path}`, { kind: 'cut', afterBytes: 50_000 }, 1)
    const { load, retries } = visit(values)
    expect(hash(await load(file))).toBe(file.sha256)
    expect(retries()).toHaveLength(2)
  })

  it('mixes nothing when the file has changed in between', async () => {
    const { values } = visit()
    await interrupt(values, 100_000)
    const other = content(200_000, 99)
    const changed = site.server.fault(`/${path}`, { kind: 'replace', body: Buffer.from(other) })
    const { load, warnings } = visit(values)
    await expect(load(file)).rejects.toMatchObject({ name: 'CorruptFile', message: expect.stringMatching(/sha256/) })
    expect(warnings).toEqual([expect.stringContaining('has changed on the server')])
    expect(fileKeys(values)).toEqual([])
    changed()
    expect(hash(await visit(values).load(file))).toBe(file.sha256)
  })

  it('keeps what it has when a page comes in place of the file, as captive portals do', async () => {
    const { values } = visit()
    await interrupt(values, 100_000)
    const portal = site.server.fault(`/${path}`, { kind: 'html' })
    await expect(visit(values).load(file)).rejects.toMatchObject({ name: 'CorruptFile', message: /text\/html/ })
    portal()
    expect(hash(await visit(values).load(file))).toBe(file.sha256)
    expect(site.server.requests.at(-1)).toMatchObject({ status: 206, sent: 100_000 })
  })

  it('fetches damaged chunks again, and these alone', async () => {
    const { values, load } = visit()
    await load(file)
    for (const damage of [
      (chunk: Uint8Array) => chunk.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
      (chunk: Uint8Array) => chunk.subarray(1),
      () => undefined,
      () => 'nonsense',
    ]) {
      const keys = fileKeys(values).filter((key) => /^chunks.*\/(40000|180000)$/.test(key))
      expect(keys).toHaveLength(2)
      for (const key of keys) values.map.set(key, damage(values.map.get(key) as Uint8Array))
      site.forget()
      expect(hash(await visit(values).load(file))).toBe(file.sha256)
      expect(site.server.requests.map(({ range }) => range)).toEqual(['bytes=40000-59999', 'bytes=180000-'])
      expect(site.sent(path)).toBe(2 * CHUNK)
      site.forget()
      expect(hash(await visit(values).load(file))).toBe(file.sha256)
      expect(site.server.requests).toEqual([])
    }
  })

  it('fetches the whole once more where chunks and their hashes agree on something wrong, then fails by name', async () => {
    site.server.fault(`/${path}`, { kind: 'corrupt', atByte: 123_456 }, 1)
    const { values, load } = visit()
    expect(hash(await load(file))).toBe(file.sha256)
    expect(site.sent(path)).toBe(2 * bytes.length)
    const repair = site.server.fault(`/${path}`, { kind: 'corrupt', atByte: 123_456 })
    values.map.clear()
    site.forget()
    await expect(visit(values).load(file)).rejects.toMatchObject({
      name: 'CorruptFile',
      message: expect.stringMatching(/sha256/),
    })
    expect(site.server.requests).toHaveLength(2)
    expect(fileKeys(values)).toEqual([])
    repair()
  })
})

describe('a store that refuses', () => {
  it('costs one warning, and is then left alone', async () => {
    const values = new MemoryStore()
    let refusals = 0
    values.beforeRead = () => {
      refusals++
      throw new DOMException('denied', 'SecurityError')
    }
    const { load, warnings } = visit(values)
    expect(hash(await load(file))).toBe(file.sha256)
    expect(hash(await load(file))).toBe(file.sha256)
    expect(warnings).toEqual([expect.stringContaining('SecurityError')])
    expect(refusals).toBe(1)
  })

  it('is asked for room once when it is full, and what it took before stays', async () => {
    for (const [room, expected] of [
      [false, 3],
      [true, 11],
    ] as const) {
      const values = new MemoryStore()
      let writes = 0
      let asked = 0
      values.beforeWrite = (key) => {
        if (!key.startsWith('chunks/') || ++writes <= 3 || (asked > 0 && room)) return
        throw new DOMException('full', 'QuotaExceededError')
      }
      const { load, warnings } = visit(values, 10_000, async () => {
        asked++
        return room
      })
      expect(hash(await load(file))).toBe(file.sha256)
      expect(asked).toBe(1)
      expect(warnings).toHaveLength(room ? 0 : 1)
      expect(fileKeys(values)).toHaveLength(room ? expected : expected + 1)
      values.beforeWrite = () => {}
      site.forget()
      expect(hash(await visit(values).load(file))).toBe(file.sha256)
      expect(site.sent(path)).toBe(room ? 0 : bytes.length - 3 * CHUNK)
    }
  })
})

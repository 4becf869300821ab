import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EngineProgress } from '../types'
import { openModel } from './open-model'
import { sweep } from './store/evict'
import type { ExpectedFile } from './store/verify'
import type { StoredVersion } from './store/weight-store'
import { createWeightStore } from './store/weight-store'
import { MemoryStore } from './testing/memory-store'
import { content, hash, openSite, type Site } from './testing/site'

/** A manifest that parses; its files are replaced by ones of a few kilobytes. */
const example = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8'))
const paths: string[] = example.files.map(({ path }: { path: string }) => path)
const CHUNK = 1000
let site: Site

beforeEach(async () => {
  site = await openSite()
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await site.close()
})

/** Uploads a model; the seed of each file says which of them differ between versions. Resolves to its manifest. */
function upload(version: string, seeds: readonly number[] = [1, 2, 3, 4, 5], prefix = '') {
  const files = paths.map((path, i) => ({ ...site.put(`${prefix}${path}`, content(3000 + i, seeds[i])), path }))
  const manifest = { ...example, version, files }
  site.put(`${prefix}manifest.json`, Buffer.from(JSON.stringify(manifest)))
  return manifest as { version: string; files: ExpectedFile[] }
}

function setUp(values = new MemoryStore()) {
  const store = createWeightStore(values)
  const warnings: string[] = []
  const events: EngineProgress[] = []
  const progress = (event: EngineProgress) =>
    void (event.stage === 'warning' ? warnings.push(event.message) : events.push(event))
  const open = (signal?: AbortSignal, address = site.address) =>
    openModel(address, { progress }, signal, { store, chunkBytes: CHUNK, retryMs: 1, stallMs: 500 })
  /** As the worker does; all or some of the files. */
  async function use(only = paths) {
    const model = await open()
    const files = model.manifest.files.filter(({ path }) => only.includes(path))
    const loaded = await Promise.all(files.map((file) => model.load(file)))
    expect(loaded.map(hash)).toEqual(files.map(({ sha256 }) => sha256))
    return { version: model.manifest.version, stored: await model.finish() }
  }
  return { values, store, warnings, events, open, use }
}

function offline(): void {
  vi.stubGlobal('navigator', { onLine: false })
  site.server.fault(/./, { kind: 'refuse' })
}

const stored = (values: MemoryStore) => new Set([...values.map.keys()].map((key) => key.split('/')[1]))

describe('the manifest', () => {
  it('is the server’s while that can be reached, and else the stored one, with a warning', async () => {
    upload('1')
    const { use, warnings } = setUp()
    expect(await use()).toEqual({ version: '1', stored: true })
    for (const fault of [
      { kind: 'refuse' },
      { kind: 'status', status: 503 },
      { kind: 'hold' },
      { kind: 'html' },
    ] as const) {
      const repair = site.server.fault('/manifest.json', fault)
      expect(await use()).toEqual({ version: '1', stored: true })
      expect(warnings.splice(0)).toEqual([expect.stringContaining('The stored model is used')])
      repair()
    }
    upload('2', [1, 2, 3, 4, 9])
    expect(await use()).toEqual({ version: '2', stored: true })
    expect(warnings).toEqual([])
  })

  it('is fetched again where an earlier version of the engine stored one that this one cannot read', async () => {
    const manifest = upload('1')
    const { use, store, open } = setUp()
    await use()
    const storeFormat1 = async () => {
      const record = await store.model(site.address)
      const version = record?.versions[0] as StoredVersion
      const versions = [{ ...version, manifest: { ...manifest, format: 1 } }] as const
      await store.putModel(site.address, { versions, usedAt: 1 })
    }
    await storeFormat1()
    site.forget()
    expect(await use()).toEqual({ version: '1', stored: true })
    expect(paths.map((path) => site.sent(path))).toEqual(paths.map(() => 0)) // The weights stayed.

    await storeFormat1()
    const repair = site.server.fault('/manifest.json', { kind: 'refuse' })
    await expect(open()).rejects.toMatchObject({ name: 'DownloadFailed' })
    repair()
    expect(await use()).toEqual({ version: '1', stored: true })
  })

  it('may list files that nothing loads: they are not waited for', async () => {
    const manifest = upload('1')
    const note = { path: 'NOTICE.txt', bytes: 5, sha256: hash(Buffer.from('terms')) }
    site.put('manifest.json', Buffer.from(JSON.stringify({ ...manifest, files: [...manifest.files, note] })))
    expect(await setUp().use()).toEqual({ version: '1', stored: true })
  })

  it('without an end is given up', async () => {
    site.put('manifest.json', Buffer.alloc(8_100_000, ' '))
    await expect(setUp().open()).rejects.toMatchObject({
      name: 'InvalidManifest',
      message: expect.stringContaining('more than 8 MB'),
    })
  })

  it('must be there and right: 404 and nonsense are errors, also with a stored one', async () => {
    upload('1')
    const { use, open } = setUp()
    await use()
    const missing = site.server.fault('/manifest.json', { kind: 'status', status: 404 })
    await expect(open()).rejects.toMatchObject({ name: 'DownloadFailed', message: expect.stringContaining('404') })
    missing()
    site.put('manifest.json', Buffer.from('{"format":2}'))
    await expect(open()).rejects.toMatchObject({ name: 'InvalidManifest' })
  })

  it('is asked for again where nothing is stored', async () => {
    upload('1')
    site.server.fault('/manifest.json', { kind: 'status', status: 500 }, 2)
    const { open, events } = setUp()
    expect((await open()).manifest.version).toBe('1')
    expect(events.filter(({ stage }) => stage === 'retry')).toHaveLength(2)
    const page = site.server.fault('/manifest.json', { kind: 'html' })
    await expect(setUp().open()).rejects.toMatchObject({
      name: 'InvalidManifest',
      message: expect.stringContaining('text/html'),
    })
    page()
  })

  it('is waited for no longer than the signal allows', async () => {
    upload('1')
    const { use, open } = setUp()
    await use()
    site.server.fault('/manifest.json', { kind: 'hold' })
    const stop = new AbortController()
    const opening = open(stop.signal)
    stop.abort()
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a new version at the same address', () => {
  it('keeps what both share and frees the rest once it is whole', async () => {
    const one = upload('1')
    const { use, values } = setUp()
    await use()
    const two = upload('2', [1, 2, 3, 8, 9])
    site.forget()
    expect(await use()).toEqual({ version: '2', stored: true })
    expect(site.server.requests.map(({ path }) => path).sort()).toEqual(
      ['/manifest.json', ...paths.slice(3).map((path) => `/${path}`)].sort(),
    )
    for (const { sha256 } of two.files) expect(stored(values)).toContain(sha256)
    for (const { sha256 } of one.files.slice(3)) expect(stored(values)).not.toContain(sha256)
  })

  it('leaves the old one usable offline until it is whole itself', async () => {
    upload('1')
    const { use, store } = setUp()
    await use()
    upload('2', [1, 2, 3, 8, 9])
    expect(await use(paths.slice(0, 4))).toEqual({ version: '2', stored: false })
    offline()
    expect(await use()).toEqual({ version: '1', stored: true })
    expect((await store.model(site.address))?.versions).toHaveLength(1)
  })
})

describe('offline', () => {
  it('a stored model loads; of others it is said what is missing', async () => {
    upload('1')
    const { use, open } = setUp()
    await use(paths.slice(0, 3))
    offline()
    const model = await open()
    const [first, , , , last] = model.manifest.files as ExpectedFile[]
    expect(hash(await model.load(first as ExpectedFile))).toBe(first?.sha256)
    await expect(model.load(last as ExpectedFile)).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringMatching(new RegExp(`You are offline.*0.01 MB.*${paths[3]} \\(.*${paths[4]} .*Connect`)),
    })
    await expect(setUp().open()).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringContaining(
        'You are offline, and the model is not here: nothing that this version can use is stored',
      ),
    })
  })
})

describe('room', () => {
  /** An origin of a fixed size. */
  function limit(values: MemoryStore, quota: number) {
    const usage = () =>
      [...values.map.values()].reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0)
    vi.stubGlobal('navigator', { storage: { estimate: async () => ({ quota, usage: usage() }) } })
    return usage
  }

  async function fill(
    store: ReturnType<typeof createWeightStore>,
    address: string,
    seed: number,
    usedAt: number,
    size = 10_000,
  ) {
    const bytes = content(size, seed)
    const file = { path: 'other.onnx', bytes: bytes.length, sha256: hash(bytes) }
    const chunk = { at: 0, bytes: bytes.length, sha256: file.sha256 }
    await store.putFile(file.sha256, { bytes: bytes.length, chunks: [chunk], complete: true }, { at: 0, bytes })
    const version = { id: address, version: '1', name: address, files: [file], manifest: {} }
    await store.putModel(address, { versions: [version], usedAt })
  }

  it('is made by removing what was not used for longest, and no more than needed', async () => {
    upload('1')
    const { use, store, values, warnings } = setUp()
    await fill(store, 'old', 11, 1)
    await fill(store, 'older', 12, 0)
    await fill(store, 'new', 13, 2)
    const usage = limit(values, 40_000)
    expect(await use()).toEqual({ version: '1', stored: true })
    expect([...(await store.models()).keys()].sort()).toEqual([site.address, 'new', 'old'].sort())
    expect(warnings).toEqual([expect.stringMatching(/To make room.*'older'/)])
    expect(usage()).toBeLessThanOrEqual(40_000)
  })

  it('is not made where it would not be enough: from memory then, and what is stored is still read', async () => {
    upload('1')
    const { use, store, values, warnings, events } = setUp()
    await use(paths.slice(0, 2))
    await fill(store, 'other', 11, 0, 2_000)
    const before = new Set(values.map.keys())
    limit(values, 9_000)
    events.length = 0
    expect(await use()).toEqual({ version: '1', stored: false })
    expect(warnings).toEqual([expect.stringMatching(/did not store.*needs 0.01 MB, and 0.00 MB are free.*from memory/)])
    expect(new Set(values.map.keys())).toEqual(before)
    const kept = events.flatMap((event) => (event.stage === 'download' && event.source === 'store' ? [event.file] : []))
    expect(kept.sort()).toEqual(paths.slice(0, 2).sort())
  })

  it('frees nothing that a model names', async () => {
    upload('1')
    const { use, store, values } = setUp()
    await use()
    const before = new Map(values.map)
    const orphan = content(500)
    await store.putFile(
      'abc',
      { bytes: 900, chunks: [{ at: 0, bytes: 500, sha256: '' }], complete: false },
      {
        at: 0,
        bytes: orphan,
      },
    )
    expect(await sweep(store)).toBe(500)
    expect(values.map).toEqual(before)
  })
})

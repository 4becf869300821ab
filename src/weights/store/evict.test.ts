import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Browser, hashesIn, openBrowser, paths, upload } from '../testing/model-site'
import { content, hash } from '../testing/site'
import { sweep } from './evict'
import { storedModel, storedModels } from './read-stored'
import { keyOf } from './records'

let browser: Browser

beforeEach(async () => {
  browser = await openBrowser()
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await browser.site.close()
})

const usedBytes = () =>
  [...browser.values.map.values()].reduce<number>((sum, v) => sum + (v instanceof Uint8Array ? v.length : 0), 0)

/** An origin of a fixed size, which it reports where `said`. */
function limit(quota: number, said = true) {
  browser.values.beforeWrite = () => {
    if (usedBytes() > quota) throw new DOMException('full', 'QuotaExceededError')
  }
  const storage = said ? { estimate: async () => ({ quota, usage: usedBytes() }) } : {}
  vi.stubGlobal('navigator', { ...navigator, storage })
}

/** Another model with one file. */
function fill(address: string, seed: number, usedAt: number, size = 10_000) {
  const bytes = content(size, seed)
  const sha256 = hash(bytes)
  const file = { path: 'other.onnx', bytes: size, sha256 }
  browser.values.plant({
    [keyOf.model(address)]: {
      ...{ format: 2, usedAt },
      versions: [{ id: address, version: '1', name: address, files: [file], manifest: {} }],
    },
    [keyOf.file(sha256)]: {
      format: 2,
      bytes: size,
      chunks: [{ at: 0, bytes: size, sha256, place: 'x' }],
      complete: true,
    },
    [keyOf.chunk(sha256, { at: 0, place: 'x' })]: bytes,
  })
}

describe('room', () => {
  it.each([true, false])('is made by what was not used for longest, and no more (estimate: %s)', async (said) => {
    upload(browser.site, '1')
    fill('old', 11, 1)
    fill('older', 12, 0)
    fill('new', 13, 2)
    limit(40_000, said)
    const { use, warnings } = browser.tab()
    expect(await use()).toEqual({ version: '1', stored: true })
    expect([...(await storedModels(browser.store)).keys()].sort()).toEqual([browser.site.address, 'new', 'old'].sort())
    expect(warnings).toEqual([expect.stringMatching(/To make room.*'older'/)])
    expect(usedBytes()).toBeLessThanOrEqual(40_000)
  })

  it('is not made where it would not be enough: from memory then, and what is stored is still read', async () => {
    upload(browser.site, '1')
    const { use, warnings, events } = browser.tab()
    await use(paths.slice(0, 2))
    fill('other', 11, 0, 2_000)
    const before = new Set(browser.values.map.keys())
    limit(9_000)
    events.length = 0
    expect(await use()).toEqual({ version: '1', stored: false })
    expect(warnings).toEqual([expect.stringMatching(/did not store.*needs 0.01 MB, and 0.00 MB are free.*from memory/)])
    expect(new Set(browser.values.map.keys())).toEqual(before)
    const kept = events.flatMap((event) => (event.stage === 'download' && event.source === 'store' ? [event.file] : []))
    expect(kept.sort()).toEqual(paths.slice(0, 2).sort())
  })

  it.each([
    ['answers 404', { kind: 'status', status: 404 }],
    ['refuses', { kind: 'refuse' }],
    ['sends other bytes', { kind: 'corrupt', atByte: 5 }],
  ] as const)('is not made for a server that %s', async (_, fault) => {
    upload(browser.site, '1')
    fill('other', 11, 0)
    limit(16_000)
    browser.site.server.fault(/^\/(?!manifest)/, fault)
    await expect(browser.tab().use()).rejects.toThrow()
    expect((await storedModel(browser.store, 'other'))?.versions[0].name).toBe('other')
    expect(hashesIn(browser.values)).toContain(hash(content(10_000, 11)))
  })

  it('is not made for a claim, however large', async () => {
    const manifest = upload(browser.site, '1')
    const [first, ...others] = manifest.files
    const files = [{ ...first, bytes: 2 ** 40 }, ...others]
    browser.site.put('manifest.json', Buffer.from(JSON.stringify({ ...manifest, files })))
    fill('other', 11, 0)
    limit(30_000)
    const { open, warnings } = browser.tab()
    const model = await open()
    expect(warnings).toEqual([expect.stringMatching(/did not store the model \(it needs .* and 0.02 MB are free/)])
    const [claimed] = model.manifest.files
    await expect(model.load(claimed as never)).rejects.toMatchObject({ name: 'OutOfMemory', message: /Use a smaller/ })
    expect((await storedModel(browser.store, 'other'))?.versions[0].name).toBe('other')
    expect(hashesIn(browser.values)).toContain(hash(content(10_000, 11)))
    model.close()
  })

  it('is not made without locks, since nobody knows what other tabs have', async () => {
    upload(browser.site, '1')
    fill('other', 11, 0)
    limit(16_000, false)
    vi.stubGlobal('navigator', {})
    const { use, warnings } = browser.tab()
    expect(await use()).toEqual({ version: '1', stored: false })
    expect(warnings).toEqual([expect.stringMatching(/there is no room/)])
    expect((await storedModel(browser.store, 'other'))?.versions[0].name).toBe('other')
  })
})

describe('sweep', () => {
  it('frees parts and chunks that nobody names, and nothing else', async () => {
    upload(browser.site, '1')
    const { use } = browser.tab()
    await use()
    const before = new Map(browser.values.map)
    const sha256 = hash(content(500))
    const chunk = { at: 0, bytes: 500, sha256, place: 'x' }
    const part = { format: 2, owner: 'gone', place: 'x', bytes: 900, chunks: [chunk] }
    browser.values.plant({ [keyOf.part(sha256, 'x')]: part, [keyOf.chunk(sha256, chunk)]: content(500) })
    // Of a file that a model names, too: its part belongs to another one, or to nobody.
    const shared = [...hashesIn(browser.values)][0] as string
    browser.values.plant({ [keyOf.part(shared, 'x')]: part, [keyOf.chunk(shared, chunk)]: content(500) })
    browser.values.plant({ [keyOf.chunk(shared, { at: 7, place: 'y' })]: content(5) })
    expect(await sweep(browser.store)).toBe(1000)
    expect(browser.values.map).toEqual(before)
  })

  it('counts every hash in a record that it cannot read as named', async () => {
    upload(browser.site, '1')
    const { use } = browser.tab()
    await use()
    const key = keyOf.model(browser.site.address)
    const record = browser.values.map.get(key) as object
    for (const unreadable of [
      { ...record, format: 99 },
      { ...record, versions: [null, record] },
    ]) {
      browser.values.plant({ [key]: unreadable })
      const before = new Map(browser.values.map)
      expect(await sweep(browser.store)).toBe(0)
      expect(browser.values.map).toEqual(before)
    }
  })
})

/** What other models, servers, tabs, versions and links may not do to bytes that were verified. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { deleteFrom } from './store/evict'
import { storedFile, storedModel, storedParts } from './store/read-stored'
import { keyOf } from './store/records'
import type { ExpectedFile } from './store/verify'
import { type Browser, hashesIn, openBrowser, paths, upload } from './testing/model-site'
import { content, hash } from './testing/site'

let browser: Browser
let site: Browser['site']

beforeEach(async () => {
  browser = await openBrowser()
  site = browser.site
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await site.close()
})

/** Uploads a manifest that names other files; resolves to them. */
function uploadClaim(folder: string, claim: (file: ExpectedFile) => ExpectedFile): void {
  const manifest = upload(site, 'claim', [1, 2, 3, 4, 5], folder)
  site.put(`${folder}manifest.json`, Buffer.from(JSON.stringify({ ...manifest, files: manifest.files.map(claim) })))
}

describe('a link whose manifest names the files of another model', () => {
  it.each([
    ['smaller', (bytes: number) => bytes - 1],
    ['larger', (bytes: number) => bytes + 1_000],
    ['tiny', () => 1],
  ])('with a %s size changes none of them', async (_, sizeOf) => {
    upload(site, '1')
    await browser.tab().use()
    const before = new Map(browser.values.map)
    uploadClaim('evil/', (file) => ({ ...file, bytes: sizeOf(file.bytes) }))
    await expect(browser.tab().use(paths, 'evil/')).rejects.toMatchObject({ name: 'CorruptFile' })
    for (const [key, value] of before) expect(browser.values.map.get(key)).toEqual(value)
    site.forget()
    expect(await browser.tab().use()).toEqual({ version: '1', stored: true })
    const asked = site.server.requests.map(({ path }) => path).filter((path) => !path.startsWith('/evil/'))
    expect(asked).toEqual(['/manifest.json'])
  })

  it('and whose server sends other bytes changes none of them, also where they are damaged or on their way', async () => {
    const { files } = upload(site, '1')
    await browser.tab().use(paths.slice(0, 4))
    // One file damaged in the store, another half there.
    const [damaged] = files as [ExpectedFile]
    const [chunk] = (await storedFile(browser.store, damaged.sha256))?.chunks ?? []
    browser.values.plant({ [keyOf.chunk(damaged.sha256, chunk as never)]: 'nonsense' })
    const half = files[4] as ExpectedFile
    const stop = new AbortController()
    site.server.fault(`/${half.path}`, { kind: 'hold', afterBytes: 2_500 }, 1)
    const { open, events } = browser.tab()
    const model = await open()
    const loading = model.load(half, stop.signal)
    await vi.waitFor(() => expect(events.some((e) => e.stage === 'download' && e.loaded === 2_500)).toBe(true))
    stop.abort()
    await loading.catch(() => {})
    model.close()
    const [part] = await storedParts(browser.store, half, site.address)

    uploadClaim('evil/', (file) => file)
    for (const path of paths) site.server.fault(`/evil/${path}`, { kind: 'replace', body: Buffer.alloc(3_000, 7) })
    const before = new Map(browser.values.map)
    await expect(browser.tab().use(paths, 'evil/')).rejects.toMatchObject({ name: 'CorruptFile' })
    for (const [key, value] of before) expect(browser.values.map.get(key)).toEqual(value)
    site.forget()
    expect(await browser.tab().use()).toEqual({ version: '1', stored: true })
    expect(part?.chunks.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(2_500)
    expect(site.sent(half.path)).toBe(half.bytes - 2_500)
    expect(site.sent(damaged.path)).toBe(1_000)
  })

  it('uses what is verified without asking its server, and deleting it leaves them', async () => {
    upload(site, '1')
    await browser.tab().use()
    const before = hashesIn(browser.values)
    uploadClaim('other/', (file) => file)
    site.forget()
    expect(await browser.tab().use(paths, 'other/')).toEqual({ version: 'claim', stored: true })
    expect(site.server.requests).toHaveLength(1)
    expect(await deleteFrom(browser.store, `${site.server.url}/other/manifest.json`)).toBe(0)
    expect(hashesIn(browser.values)).toEqual(before)
  })
})

describe('two tabs across a deploy', () => {
  it('keep what each verified, whichever ends first', async () => {
    for (const newerFirst of [true, false]) {
      const one = upload(site, '1', [1, 2, 3, 4, 5])
      const [older, newer] = [browser.tab(), browser.tab()]
      const first = await older.open()
      await first.load(one.files[0] as ExpectedFile)
      const two = upload(site, '2', [1, 2, 3, 8, 9])
      const second = await newer.open()
      const finish = async (model: typeof first, files: readonly ExpectedFile[]) => {
        // Of the older version, which the server has no more, what is stored is all there is.
        for (const file of files) await model.load(file)
        return model.finish()
      }
      site.put(paths[3] as string, content(3003, 4))
      await first.load(one.files[3] as ExpectedFile)
      site.put(paths[3] as string, content(3003, 8))
      if (newerFirst) {
        expect(await finish(second, two.files)).toBe(true)
        expect(hashesIn(browser.values)).toContain(one.files[3]?.sha256)
        site.put(paths[4] as string, content(3004, 5))
        expect(await finish(first, one.files)).toBe(true)
        expect(hashesIn(browser.values)).toContain(two.files[4]?.sha256)
        site.put(paths[4] as string, content(3004, 9))
      } else {
        site.put(paths[4] as string, content(3004, 5))
        expect(await finish(first, one.files)).toBe(true)
        site.put(paths[4] as string, content(3004, 9))
        expect(await finish(second, two.files)).toBe(true)
      }
      const both = [...one.files, ...two.files].map(({ sha256 }) => sha256)
      expect([...hashesIn(browser.values)].sort()).toEqual([...new Set(both)].sort())
      first.close()
      second.close()
      // Alone again, the newer one takes the place of the other.
      expect(await browser.tab().use()).toEqual({ version: '2', stored: true })
      expect([...hashesIn(browser.values)].sort()).toEqual(two.files.map(({ sha256 }) => sha256).sort())
      browser.values.map.clear()
    }
  })

  it('a tab of the older version that ends late does not take the newer one away', async () => {
    const one = upload(site, '1')
    const older = await browser.tab().open()
    for (const file of one.files) await older.load(file)
    const two = upload(site, '2', [1, 2, 3, 8, 9])
    await browser.tab().use()
    expect(await older.finish()).toBe(true)
    older.close()
    expect((await storedModel(browser.store, site.address))?.versions.map(({ version }) => version)).toEqual(['2', '1'])
    for (const { sha256 } of two.files) expect(hashesIn(browser.values)).toContain(sha256)
  })
})

describe('a model that is deleted while it loads', () => {
  it('leaves nothing behind; the picture is drawn from memory, with a warning', async () => {
    const { files } = upload(site, '1')
    const { open, warnings } = browser.tab()
    const model = await open()
    await model.load(files[0] as ExpectedFile)
    await deleteFrom(browser.store, site.address)
    expect(browser.values.map.size).toBe(0)
    for (const file of files) expect(hash(await model.load(file))).toBe(file.sha256)
    expect(await model.finish()).toBe(false)
    expect(browser.values.map.size).toBe(0)
    expect(warnings).toEqual([expect.stringMatching(/did not store the model \(it was deleted while it loaded\)/)])
    model.close()
  })
})

describe('records', () => {
  const damages: Record<string, (record: Record<string, unknown>) => unknown> = {
    'null in a list': (record) => ({ ...record, ...(record.versions ? { versions: [null] } : { chunks: [null] }) }),
    'no list': ({ versions: _, chunks: __, ...record }) => record,
    'an empty list': (record) => (record.versions ? { ...record, versions: [] } : 7),
    'no files': (record) =>
      record.versions ? { ...record, versions: [{ id: 'x', version: '1', name: 'x' }] } : { ...record, bytes: -1 },
    'a format that is none': (record) => ({ ...record, format: 'two' }),
    'a format that only compares as newer': (record) => ({ ...record, format: '9' }),
    'an endless format': (record) => ({ ...record, format: Number.POSITIVE_INFINITY }),
    'more chunks than bytes': (record) =>
      record.versions ? 7 : { ...record, chunks: Array(1e5).fill((record.chunks as unknown[])[0]) },
    text: () => 'nonsense',
    null: () => null,
  }
  it.each(Object.keys(damages))('with %s are put aside, said, and fetched again', async (what) => {
    const damage = damages[what] as (typeof damages)[string]
    const { files } = upload(site, '1')
    for (const key of [keyOf.model(site.address), keyOf.file(files[1]?.sha256 ?? '')]) {
      await browser.tab().use()
      const bad = damage(browser.values.map.get(key) as Record<string, unknown>)
      browser.values.plant({ [key]: bad })
      const { use, warnings } = browser.tab()
      site.forget()
      expect(await use()).toEqual({ version: '1', stored: true })
      expect(warnings).toEqual([expect.stringContaining(`${key} was damaged`)])
      expect(browser.values.map.get(`aside/${key}`)).toMatchObject({ value: bad })
      // What is not described any more is fetched; no other file is.
      const again = new Set(site.server.requests.map(({ path }) => path))
      expect(again).toEqual(new Set(['/manifest.json', ...(key.startsWith('files/') ? [`/${paths[1]}`] : [])]))
      expect(await browser.tab().use()).toEqual({ version: '1', stored: true })
      expect(browser.values.map.get(key)).toMatchObject({ format: 2 })
    }
  })

  it('of a newer release are left alone, with a clear word', async () => {
    const { files } = upload(site, '1')
    for (const key of [keyOf.model(site.address), keyOf.file(files[1]?.sha256 ?? '')]) {
      await browser.tab().use()
      const newer = { ...(browser.values.map.get(key) as object), format: 3, shape: 'unknown' }
      browser.values.plant({ [key]: newer })
      const { use, warnings } = browser.tab()
      expect(await use()).toEqual({ version: '1', stored: false })
      expect(warnings).toEqual([
        expect.stringMatching(/a newer release keeps it in a form of its own.*reload the page/),
      ])
      expect(browser.values.map.get(key)).toEqual(newer)
      browser.values.map.clear()
    }
  })
})

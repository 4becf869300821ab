import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { storedModel } from './store/read-stored'
import { keyOf, type ModelRecord } from './store/records'
import type { ExpectedFile } from './store/verify'
import { createWeightStore } from './store/weight-store'
import { MemoryStore } from './testing/memory-store'
import { type Browser, hashesIn, openBrowser, openTab, paths, upload as uploadTo } from './testing/model-site'
import { hash } from './testing/site'

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

const upload = (version: string, seeds?: readonly number[]) => uploadTo(site, version, seeds)

/** A tab of a browser that has nothing. */
const elsewhere = () => openTab(site, createWeightStore(new MemoryStore()))

function offline(): void {
  vi.stubGlobal('navigator', { ...navigator, onLine: false })
  site.server.fault(/./, { kind: 'refuse' })
}

describe('the manifest', () => {
  it('is the server’s while that can be reached, and else the stored one, with a warning', async () => {
    upload('1')
    const { use, warnings } = browser.tab()
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
    const { store, values } = browser
    const { use, open } = browser.tab()
    await use()
    const storeFormat1 = async () => {
      const record = (await storedModel(store, site.address)) as ModelRecord
      const versions = [{ ...record.versions[0], manifest: { ...manifest, format: 1 } }]
      values.plant({ [keyOf.model(site.address)]: { ...record, versions } })
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
    expect(await browser.tab().use()).toEqual({ version: '1', stored: true })
  })

  it('without an end is given up', async () => {
    site.put('manifest.json', Buffer.alloc(8_100_000, ' '))
    await expect(browser.tab().open()).rejects.toMatchObject({
      name: 'InvalidManifest',
      message: expect.stringContaining('more than 8 MB'),
    })
  })

  it('must be there and right: 404 and nonsense are errors, also with a stored one', async () => {
    upload('1')
    const { use, open } = browser.tab()
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
    const { open, events } = browser.tab()
    expect((await open()).manifest.version).toBe('1')
    expect(events.filter(({ stage }) => stage === 'retry')).toHaveLength(2)
    const page = site.server.fault('/manifest.json', { kind: 'html' })
    await expect(elsewhere().open()).rejects.toMatchObject({
      name: 'InvalidManifest',
      message: expect.stringContaining('text/html'),
    })
    page()
  })

  it('is waited for no longer than the signal allows', async () => {
    upload('1')
    const { use, open } = browser.tab()
    await use()
    site.server.fault('/manifest.json', { kind: 'hold' })
    const stop = new AbortController()
    const opening = open('', stop.signal)
    stop.abort()
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a new version at the same address', () => {
  it('keeps what both share and frees the rest once it is whole', async () => {
    const one = upload('1')
    const { values } = browser
    const { use } = browser.tab()
    await use()
    const two = upload('2', [1, 2, 3, 8, 9])
    site.forget()
    expect(await use()).toEqual({ version: '2', stored: true })
    expect(site.server.requests.map(({ path }) => path).sort()).toEqual(
      ['/manifest.json', ...paths.slice(3).map((path) => `/${path}`)].sort(),
    )
    for (const { sha256 } of two.files) expect(hashesIn(values)).toContain(sha256)
    for (const { sha256 } of one.files.slice(3)) expect(hashesIn(values)).not.toContain(sha256)
  })

  it('leaves the old one usable offline until it is whole itself', async () => {
    upload('1')
    const { store } = browser
    const { use } = browser.tab()
    await use()
    upload('2', [1, 2, 3, 8, 9])
    expect(await use(paths.slice(0, 4))).toEqual({ version: '2', stored: false })
    offline()
    expect(await use()).toEqual({ version: '1', stored: true })
    expect((await storedModel(store, site.address))?.versions).toHaveLength(1)
  })
})

describe('offline', () => {
  it('a stored model loads; of others it is said what is missing', async () => {
    upload('1')
    const { use, open } = browser.tab()
    await use(paths.slice(0, 3))
    offline()
    const model = await open()
    const [first, , , , last] = model.manifest.files as ExpectedFile[]
    expect(hash(await model.load(first as ExpectedFile))).toBe(first?.sha256)
    await expect(model.load(last as ExpectedFile)).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringMatching(new RegExp(`You are offline.*0.01 MB.*${paths[3]} \\(.*${paths[4]} .*Connect`)),
    })
    await expect(elsewhere().open()).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringContaining(
        'You are offline, and the model is not here: nothing that this version can use is stored',
      ),
    })
  })
})

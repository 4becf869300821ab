import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EngineError } from '../errors'
import { storedModel } from './store/read-stored'
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
  vi.restoreAllMocks()
  await site.close()
})

const upload = (version: string, seeds?: readonly number[]) => uploadTo(site, version, seeds)

/** A tab of a browser that has nothing. */
const elsewhere = () => openTab(site, createWeightStore(new MemoryStore()))

function offline(): void {
  vi.stubGlobal('navigator', { ...navigator, onLine: false })
  site.server.fault(/./, { kind: 'refuse' })
}

it.each([-1e12, 0, 4e12])('a machine whose clock stands at %d keeps what it stored', async (now) => {
  vi.spyOn(Date, 'now').mockReturnValue(now)
  upload('1')
  const { use, warnings } = browser.tab()
  expect(await use()).toEqual({ version: '1', stored: true })
  offline()
  const later = browser.tab()
  expect(await later.use()).toEqual({ version: '1', stored: true })
  expect((await storedModel(browser.store, site.address))?.usedAt).toBe(now)
  expect([...warnings, ...later.warnings].join()).not.toContain('damaged')
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

describe('a version that is uploaded by half', () => {
  it.each([
    ['a file is missing', { kind: 'status', status: 404 }],
    ['a file is another', { kind: 'replace', body: Buffer.alloc(3004, 1) }],
  ] as const)('%s: the stored one stands in, and nothing that came of the new one is lost', async (_, fault) => {
    upload('1')
    const { values } = browser
    const { use, open, warnings } = browser.tab()
    await use()
    const two = upload('2', [1, 2, 3, 8, 9])
    const repair = site.server.fault(`/${paths[4]}`, fault)
    const half = await open()
    await half.load(half.manifest.files[3] as ExpectedFile)
    const error = await half.load(half.manifest.files[4] as ExpectedFile).catch((error) => error)
    const problem = await half.otherVersion(error)
    expect(problem).toBe(error.message)
    half.close()
    const stand = await open('', undefined, '', problem)
    expect(stand.manifest.version).toBe('1')
    for (const file of stand.manifest.files) expect(hash(await stand.load(file))).toBe(file.sha256)
    expect(await stand.finish()).toBe(true)
    expect(await stand.otherVersion(error)).toBeUndefined()
    stand.close()
    expect(warnings).toEqual([expect.stringContaining('The stored model is used')])
    expect(hashesIn(values)).toContain(two.files[3]?.sha256)
    repair()
    expect(await use()).toEqual({ version: '2', stored: true })
  })

  it('no version stands in for a failure that is not the server’s, or where none is whole', async () => {
    upload('1')
    const { use, open } = browser.tab()
    await use(paths.slice(0, 2))
    upload('2', [1, 2, 3, 8, 9])
    const half = await open()
    expect(await half.otherVersion(new EngineError('DownloadFailed', 'none'))).toBeUndefined()
    await use()
    upload('3', [1, 2, 3, 8, 10])
    const third = await open()
    expect(await third.otherVersion(new EngineError('ModelFailed', 'none'))).toBeUndefined()
    expect(await third.otherVersion(new EngineError('CorruptFile', 'some'))).toBe('some')
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

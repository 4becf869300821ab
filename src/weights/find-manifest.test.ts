import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openModel } from './open-model'
import { storedModel } from './store/read-stored'
import { keyOf, type ModelRecord } from './store/records'
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

function _offline(): void {
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
    site.put('manifest.json', Buffer.alloc(1_100_000, ' '))
    await expect(browser.tab().open()).rejects.toMatchObject({
      name: 'InvalidManifest',
      message: expect.stringContaining('more than 1 MB'),
    })
  })

  it('must be there and right where the stored model is not whole: 404 and nonsense are errors', async () => {
    upload('1')
    const { use, open } = browser.tab()
    await use(paths.slice(0, 3))
    const missing = site.server.fault('/manifest.json', { kind: 'status', status: 404 })
    await expect(open()).rejects.toMatchObject({ name: 'DownloadFailed', message: expect.stringContaining('404') })
    missing()
    site.put('manifest.json', Buffer.from('{"format":2}'))
    await expect(elsewhere().open()).rejects.toMatchObject({ name: 'InvalidManifest' })
  })

  it.each([401, 403, 404, 410, 451])('%i: a model that is stored as a whole is used', async (status) => {
    upload('1')
    const { use, warnings } = browser.tab()
    await use()
    site.server.fault('/manifest.json', { kind: 'status', status })
    expect(await use()).toEqual({ version: '1', stored: true })
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`${status}.*The stored model is used`))])
  })

  it.each(['{"format":3,"id":"x"}', '{"format":2}', '[]', 'null', '{"error":"quota"}', '', '<html>'])(
    'with other contents (%s): a model that is stored as a whole is used, and stays',
    async (text) => {
      const { files } = upload('1')
      const { use, warnings } = browser.tab()
      await use()
      site.put('manifest.json', Buffer.from(text))
      expect(await use()).toEqual({ version: '1', stored: true })
      expect(warnings).toEqual([expect.stringMatching(/The stored model is used/)])
      for (const { sha256 } of files) expect(hashesIn(browser.values)).toContain(sha256)
    },
  )

  it('that drips is waited for no longer than for one that is silent', async () => {
    upload('1')
    const { use, warnings } = browser.tab()
    await use()
    site.server.fault('/manifest.json', { kind: 'slow', bytesPerSecond: 100 })
    expect(await use()).toEqual({ version: '1', stored: true })
    // Whether its first bytes are read within that time is the machine's affair.
    expect(warnings).toEqual([expect.stringMatching(/(no answer|bytes came) for 0\.5 s/)])
    const fresh = elsewhere()
    await expect(fresh.open()).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringMatching(/\d+ bytes came for 0\.5 s/),
    })
  }, 10_000)

  it('with a query: files are asked with it, as one signature serves a folder', async () => {
    uploadTo(site, '1', undefined, 'signed/')
    site.server.fault(/./, { kind: 'signed', query: 'Signature=a%2Fb&Expires=9' })
    const { open } = browser.tab()
    const model = await open('signed/', undefined, '?Signature=a%2Fb&Expires=9')
    for (const file of model.manifest.files) expect(hash(await model.load(file))).toBe(file.sha256)
    await expect(open('signed/')).rejects.toMatchObject({
      name: 'DownloadFailed',
      message: expect.stringMatching(/403/),
    })
  })

  it('that redirects: files lie beside where it was found, or else beside where it was asked for', async () => {
    uploadTo(site, '1', undefined, 'v1/')
    site.server.fault('/latest/manifest.json', { kind: 'redirect', to: '/v1/manifest.json' })
    const { open } = browser.tab()
    const moved = await open('latest/')
    for (const file of moved.manifest.files) expect(hash(await moved.load(file))).toBe(file.sha256)
    expect(site.server.requests.filter(({ path }) => path.startsWith('/latest/'))).toHaveLength(1)

    uploadTo(site, '1', [6, 7, 8, 9, 10], 'here/')
    site.put('blobs/0123/manifest.json', Buffer.from(JSON.stringify(uploadTo(site, '1', [6, 7, 8, 9, 10], 'here/'))))
    site.server.fault('/here/manifest.json', { kind: 'redirect', to: '/blobs/0123/manifest.json?token=1' })
    const beside = await open('here/')
    for (const file of beside.manifest.files) expect(hash(await beside.load(file))).toBe(file.sha256)
  })

  it('that is no file, of blob: or data:, names files beside the page', async () => {
    const manifest = upload('1')
    const json = JSON.stringify(manifest)
    const blob = URL.createObjectURL(new Blob([json]))
    for (const address of [blob, `data:application/json,${encodeURIComponent(json)}`]) {
      const listener = { progress: () => {} }
      const options = {
        store: createWeightStore(new MemoryStore()),
        page: `${site.server.url}/page/../index.html?q#part`,
      }
      const model = await openModel(address, listener, undefined, options)
      for (const file of manifest.files) expect(hash(await model.load(file))).toBe(file.sha256)
    }
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

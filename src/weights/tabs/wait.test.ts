import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { waits } from '../../waits'
import { sweep } from '../store/evict'
import { storedFile } from '../store/read-stored'
import type { ExpectedFile } from '../store/verify'
import { type Browser, openBrowser, paths, upload } from '../testing/model-site'
import { hash } from '../testing/site'
import { fileLock, modelLock } from './locks'

let browser: Browser
const usual = { ...waits }

beforeEach(async () => {
  browser = await openBrowser()
  Object.assign(waits, { quietMs: 100, hungMs: 300, freeingMs: 100 })
})
afterEach(async () => {
  Object.assign(waits, usual)
  vi.unstubAllGlobals()
  await browser.site.close()
})

/** A tab that holds a lock and does nothing more. */
function hang(name: string, mode: LockMode = 'exclusive'): () => void {
  let release = () => {}
  void navigator.locks.request(name, { mode }, () => new Promise<void>((resolve) => (release = resolve)))
  return () => release()
}

describe('a tab that hangs', () => {
  it('while it downloads: that is said, and after a while the file is downloaded here', async () => {
    const { files } = upload(browser.site, '1')
    hang(fileLock(files[0]?.sha256 ?? '', browser.site.address))
    const { use, warnings } = browser.tab()
    expect(await use()).toEqual({ version: '1', stored: true })
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`Another tab downloads ${paths[0]} and is silent: it may be suspended`)),
      expect.stringMatching(/downloaded here as well/),
    ])
  })

  it('in the middle of a download, and wakes up after another one has finished: both have the file, once', async () => {
    const { files } = upload(browser.site, '1')
    const [file] = files as [ExpectedFile]
    browser.site.server.fault(`/${file.path}`, { kind: 'hold', afterBytes: 1_500 }, 1)
    const sleeper = browser.tab()
    const asleep = await sleeper.open()
    const loading = asleep.load(file)
    await vi.waitFor(() => expect(sleeper.events).toContainEqual(expect.objectContaining({ loaded: 1_500 })))
    const other = browser.tab()
    expect(await other.use()).toEqual({ version: '1', stored: true })
    // Its connection breaks off (stallMs), and it goes on by Range.
    expect(hash(await loading)).toBe(file.sha256)
    asleep.close()
    const before = new Map(browser.values.map)
    expect(await sweep(browser.store)).toBe(0)
    expect(browser.values.map).toEqual(before)
    expect((await storedFile(browser.store, file.sha256))?.complete).toBe(true)
    browser.site.forget()
    expect(await browser.tab().use()).toEqual({ version: '1', stored: true })
    expect(browser.site.server.requests).toHaveLength(1)
  })

  it('while it frees the model: is not waited for', async () => {
    upload(browser.site, '1')
    hang(modelLock(browser.site.address))
    expect(await browser.tab().use()).toEqual({ version: '1', stored: true })
  })

  it('is waited for as long as it speaks; what is no message of its kind is ignored', async () => {
    const { files } = upload(browser.site, '1')
    const [file] = files as [ExpectedFile]
    const name = fileLock(file.sha256, browser.site.address)
    const release = hang(name)
    const { open, events, warnings } = browser.tab()
    const model = await open()
    const loading = model.load(file)
    await vi.waitFor(async () => expect((await navigator.locks.query()).pending).toHaveLength(1))
    const channel = new BroadcastChannel('scalewise/files')
    const nonsense = [null, 7, 'text', [], {}, { lock: name }, { lock: name, loaded: 'x' }, { lock: name, loaded: -1 }]
    for (const message of [...nonsense, { lock: name, loaded: 1e9 }, { lock: name, loaded: Number.NaN }]) {
      channel.postMessage(message)
    }
    for (let loaded = 1; loaded <= 10; loaded++) {
      channel.postMessage({ lock: name, loaded })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    channel.close()
    expect(warnings).toEqual([])
    release()
    expect(hash(await loading)).toBe(file.sha256)
    const seen = events.flatMap((event) => (event.stage === 'download' && event.source === 'tab' ? [event.loaded] : []))
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    model.close()
  })
})

describe('refused', () => {
  const refusals: Record<string, () => void> = {
    'locks: missing': () => vi.stubGlobal('navigator', {}),
    'locks: a getter that throws': () =>
      vi.stubGlobal('navigator', {
        get locks() {
          throw new DOMException('no', 'SecurityError')
        },
      }),
    'locks: requests that reject': () =>
      vi.stubGlobal('navigator', {
        locks: {
          request: () => Promise.reject(new DOMException('no', 'SecurityError')),
          query: () => Promise.reject(),
        },
      }),
    'channel: missing': () => vi.stubGlobal('BroadcastChannel', undefined),
    'channel: throws': () =>
      vi.stubGlobal('BroadcastChannel', function refuse() {
        throw new DOMException('no', 'SecurityError')
      }),
  }
  const names = Object.keys(refusals)
  const pairs = names.flatMap((one) => [[one], ...names.filter((other) => other > one).map((other) => [one, other])])

  it.each(pairs)('%s %s: the model loads and is stored, with one warning', async (...refused) => {
    // The modules remember a refusal.
    vi.resetModules()
    vi.stubGlobal('isSecureContext', true)
    for (const name of refused) (refusals[name] as () => void)()
    const { openTab } = await import('../testing/model-site')
    upload(browser.site, '1')
    const { use, warnings } = openTab(browser.site, browser.store)
    expect(await use()).toEqual({ version: '1', stored: true })
    expect(warnings).toEqual([expect.stringMatching(/keeps its tabs from knowing of each other/)])
  })
})

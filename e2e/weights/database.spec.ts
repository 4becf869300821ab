import { expect, type Page } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { expectWhole, load, manifestOf, reload, test, warnings } from './setup'

/** The database itself: deleted, held up, made by somebody else, failing now and then. */

const whole = manifestOf('tiny').files.reduce((sum, { bytes }) => sum + bytes, 0)

/** Resolves to what came of a call of the library, by its name at the latest after `ms`. */
function outcome(page: Page, call: 'listModels' | 'verifyModel' | 'deleteModel', model: string, ms = 5_000) {
  return page.evaluate(
    async ([name, address, limit]) => {
      const late = new Promise<string>((resolve) => setTimeout(() => resolve('pending'), limit))
      const settled = (window.weights[name] as (model: string) => Promise<unknown>)(address).then(
        () => 'done',
        (error: Error) => `${error.name}: ${error.message}`,
      )
      return Promise.race([settled, late])
    },
    [call, model, ms] as const,
  )
}

test('another tab deletes the database while a model is there: no call waits, the model comes again', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const [page, other] = [await openTab(), await openTab()]
  const model = `${models.url}/tiny/manifest.json`
  await load(page, { model })
  const deleted = await other.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const request = indexedDB.deleteDatabase('scalewise')
        request.onsuccess = () => resolve('deleted')
        request.onblocked = () => resolve('blocked')
        request.onerror = () => resolve('refused')
      }),
  )
  expect(deleted).toBe('deleted')
  expect(await page.evaluate(() => window.weights.listModels())).toEqual([])
  const loaded = await load(page, { model })
  expectWhole(loaded, 'tiny')
  expect(loaded.stored).toBe(true)
  await recordFault(testInfo, {
    fault: 'deleteDatabase in another tab',
    expected: 'not blocked by us; the next load stores the model again',
    result: `${deleted}; then loaded, ${(await warnings(page)).length} warnings, stored`,
    promisesPending: await pending(),
  })
})

test('site data cleared in the middle of a download: drawn from memory, no orphans', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const [page, other] = [await openTab(), await openTab()]
  const model = `${models.url}/tiny/manifest.json`
  models.fault('/tiny/denoiser.onnx', { kind: 'slow', bytesPerSecond: 400_000 }, 1)
  await page.evaluate((given) => window.weights.start(given), { model })
  await page.waitForFunction(() => window.weights.loaded('denoiser.onnx') > 10_000)
  await other.evaluate(
    () => new Promise((resolve) => (indexedDB.deleteDatabase('scalewise').onsuccess = () => resolve(0))),
  )
  const loaded = await page.evaluate(() => window.weights.last)
  expectWhole(loaded as never, 'tiny')
  expect(loaded?.stored).toBe(false)
  const warned = await warnings(page)
  expect(warned).toEqual([expect.stringMatching(/did not store the model \(it was deleted while it loaded\)/)])
  await reload(page)
  expect(await page.evaluate(() => window.weights.keys())).toEqual([])
  await recordFault(testInfo, {
    fault: 'site data cleared in the middle of a download',
    expected: 'from memory with a warning; nothing is left that nobody names',
    result: `hash right, ${warned.length} warning, 0 keys left`,
    promisesPending: await pending(),
  })
})

test('an upgrade that another tab holds up: memory and StorageRefused, nothing waits for ever', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const [page, other] = [await openTab(), await openTab()]
  const model = `${models.url}/tiny/manifest.json`
  await page.evaluate(() => {
    window.weights.waits.openMs = 500
  })
  // A connection without a versionchange handler, and an upgrade that waits for it.
  await other.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const first = indexedDB.open('scalewise', 1)
        first.onupgradeneeded = () => first.result.createObjectStore('weights')
        first.onsuccess = () => {
          ;(window as unknown as { kept: unknown }).kept = first.result
          indexedDB.open('scalewise', 9).onblocked = () => resolve()
        }
      }),
  )
  const listed = await outcome(page, 'listModels', model)
  expect(listed).toMatch(/^StorageRefused: .*close the other tabs/)
  const loaded = await load(page, { model })
  expectWhole(loaded, 'tiny')
  expect(loaded.stored).toBe(false)
  const warned = await warnings(page)
  expect(warned).toEqual([expect.stringMatching(/did not store the model \(.*close the other tabs/)])
  await recordFault(testInfo, {
    fault: 'a blocked upgrade of the database (limit shortened from 10 s to 0.5 s)',
    expected: 'memory with a warning; listing is StorageRefused',
    result: `loaded, ${warned.length} warning; ${listed.slice(0, 14)}`,
    promisesPending: await pending(),
  })
})

test('a database of our name without our table: it is made, and used', async ({ models, openTab }, testInfo) => {
  const page = await openTab()
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open('scalewise', 3)
        request.onsuccess = () => {
          request.result.close()
          resolve()
        }
      }),
  )
  const loaded = await load(page, { model: `${models.url}/tiny/manifest.json` })
  expectWhole(loaded, 'tiny')
  expect(loaded.stored).toBe(true)
  const [listed] = await page.evaluate(() => window.weights.listModels())
  expect(listed?.storedBytes).toBe(whole)
  await recordFault(testInfo, {
    fault: 'a database of our name without our table',
    expected: 'the table is made',
    result: `loaded and stored, ${(await warnings(page)).length} warnings`,
  })
})

for (const name of ['UnknownError', 'InvalidStateError', 'AbortError']) {
  test(`every fifth transaction fails once (${name}): tried again, nothing lost`, async ({
    models,
    openTab,
  }, testInfo) => {
    const page = await openTab()
    const failed = await page.evaluate((error) => {
      const usual = IDBDatabase.prototype.transaction
      const counts = { calls: 0, failed: 0 }
      IDBDatabase.prototype.transaction = function transaction(...given) {
        if (++counts.calls % 5 === 0) {
          counts.failed++
          throw new DOMException('internal error opening backing store', error)
        }
        return usual.apply(this, given)
      }
      return Object.assign(window, { counts }) && error
    }, name)
    const model = `${models.url}/tiny/manifest.json`
    const loaded = await load(page, { model })
    expectWhole(loaded, 'tiny')
    expect(loaded.stored).toBe(true)
    expect(await warnings(page)).toEqual([])
    models.requests.length = 0
    expectWhole(await load(page, { model }), 'tiny')
    expect(models.requests).toHaveLength(1)
    const counts = await page.evaluate(() => (window as unknown as { counts: { failed: number } }).counts)
    expect(counts.failed).toBeGreaterThan(3)
    await recordFault(testInfo, {
      fault: `every fifth transaction fails once (${failed})`,
      expected: 'tried again after a moment, stored, and found by the next load',
      result: `${counts.failed} failures, 0 warnings, stored`,
      bytesLost: 0,
    })
  })
}

for (const [what, change] of [
  ['damaged', { chunks: null, versions: null }],
  ['of a newer release', { format: 99 }],
] as const) {
  test(`a record ${what}: models are still listed, checked and deleted`, async ({
    models,
    openTab,
    pending,
  }, testInfo) => {
    const page = await openTab()
    const [model, other] = ['tiny', 'tiny-sd35'].map((name) => `${models.url}/${name}/manifest.json`) as [
      string,
      string,
    ]
    await load(page, { model: other })
    const [file] = manifestOf('tiny').files
    const answers: string[] = []
    for (const key of [`files/${file?.sha256}`, `models/${model}`]) {
      await load(page, { model })
      await page.evaluate(
        async ([name, changed]) =>
          window.weights.put(name, { ...((await window.weights.get(name)) as object), ...changed }),
        [key, change] as const,
      )
      const listed = await page.evaluate(() => window.weights.listModels())
      const known = key.startsWith('files') ? [other, model] : [other]
      expect(listed.map((each) => each.model).sort()).toEqual(known.sort())
      expect(listed.find((each) => each.model === model)?.complete ?? false).toBe(false)
      const checked = await page.evaluate((address) => window.weights.verifyModel(address), model)
      expect(checked.ok).toBe(key.startsWith('models'))
      const deleted = await outcome(page, 'deleteModel', model)
      const kept = what === 'of a newer release' && key.startsWith('models')
      if (kept) expect(deleted).toMatch(/^StorageRefused: What is stored cannot be read: a newer release/)
      else expect(deleted).toBe('done')
      const left = (await page.evaluate(() => window.weights.keys())).filter((each) => each.includes(model))
      expect(left).toEqual(kept ? [key] : [])
      answers.push(deleted.split(':')[0] as string)
      if (what === 'of a newer release') await page.evaluate((name) => window.weights.drop(name), key)
    }
    expect(await page.evaluate((address) => window.weights.verifyModel(address), other)).toMatchObject({ ok: true })
    await recordFault(testInfo, {
      fault: `A record of a file, and of a model, ${what}`,
      expected: 'others are listed; it is checked; deleted, unless it is a newer release’s model, which is told',
      result: `listed, checked; deleting a model: ${answers.join(', ')}`,
      promisesPending: await pending(),
    })
  })
}

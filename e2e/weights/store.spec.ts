import { expect } from '@playwright/test'
import { megabytes } from '../../src/weights/store/quota'
import { recordFault } from '../testing/reliability'
import {
  CHUNK,
  encoder,
  events,
  expectWhole,
  finished,
  holdAt,
  load,
  manifestOf,
  sizeOf,
  start,
  test,
  warnings,
} from './setup'

/** The runtime's are counted beside the model's (e2e/library/conveniences.spec.ts). */
const runtimeBytes = expect.any(Number)
const sum = (model: string) => manifestOf(model).files.reduce((bytes, file) => bytes + file.bytes, 0)

for (const [what, refuse] of [
  [
    'SecurityError',
    () =>
      Object.defineProperty(window, 'indexedDB', {
        get() {
          throw new DOMException('refused', 'SecurityError')
        },
      }),
  ],
  [
    'InvalidStateError',
    () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('A mutation operation was attempted', 'InvalidStateError')
      }
    },
  ],
  [
    'null',
    () => {
      IDBFactory.prototype.open = () => {
        const request = { error: null } as IDBOpenDBRequest
        setTimeout(() => request.onerror?.(new Event('error')))
        return request
      }
    },
  ],
] as const) {
  test(`IndexedDB refused (${what}): memory, with one warning; the library says StorageRefused`, async ({
    models,
    context,
    openTab,
    pending,
  }, testInfo) => {
    await context.addInitScript(refuse)
    const page = await openTab()
    const loaded = await load(page, { model: `${models.url}/tiny/manifest.json` })
    expectWhole(loaded, 'tiny')
    expect(loaded.stored).toBe(false)
    expect(await warnings(page)).toEqual([expect.stringMatching(/did not store the model.*works from memory/)])
    const refused = await page.evaluate(async (model) => {
      const { listModels, deleteModel, verifyModel } = window.weights
      const calls = [listModels(), deleteModel(model), verifyModel(model)]
      return (await Promise.allSettled(calls)).map((each) => each.status === 'rejected' && each.reason.name)
    }, `${models.url}/tiny/manifest.json`)
    expect(refused).toEqual(['StorageRefused', 'StorageRefused', 'StorageRefused'])
    const size = await page.evaluate((m) => window.weights.modelSize(m), `${models.url}/tiny/manifest.json`)
    expect(size).toEqual({ bytes: sum('tiny'), storedBytes: 0, missingBytes: sum('tiny'), runtimeBytes })
    await recordFault(testInfo, {
      fault: `IndexedDB refused (${what})`,
      expected: 'memory, one warning; listing is StorageRefused',
      result: `loaded, ${(await warnings(page)).length} warning, ${refused[0]}`,
      promisesPending: await pending(),
    })
  })
}

test('a browser that is offline: a stored model loads; of another it says what is missing', async ({
  models,
  context,
  openTab,
  pending,
}, testInfo) => {
  const page = await openTab()
  await load(page, { model: `${models.url}/tiny/manifest.json` })
  const model = `${models.url}/emoji/manifest.json`
  await load(page, { model, only: ['decoder.onnx'] })
  // The code for that has come when the network goes.
  const fetched = () =>
    performance.getEntriesByType('resource').filter(({ name }) => name.includes('/net/offline')).length
  await expect.poll(() => page.evaluate(fetched)).toBeGreaterThan(0)
  await context.setOffline(true)
  expectWhole(await load(page, { model: `${models.url}/tiny/manifest.json` }), 'tiny')
  expect(await warnings(page)).toEqual([expect.stringContaining('The stored model is used')])
  const { error } = await load(page, { model })
  expect(error?.name).toBe('DownloadFailed')
  // The tokenizer is the other model's as well.
  const sized = (path: string) => `${path} (${megabytes(sizeOf(path))})`
  for (const part of [
    'You are offline',
    megabytes(sizeOf(encoder) + sizeOf('encoder.onnx') + sizeOf('denoiser-int8.onnx')),
    sized(encoder),
    sized('denoiser-int8.onnx'),
  ])
    expect(error?.message).toContain(part)
  expect(error?.message).not.toContain(' decoder.onnx')
  expect(await events(page, 'retry')).toEqual([])
  await context.setOffline(false)
  await recordFault(testInfo, {
    fault: 'offline',
    expected: 'a stored model loads; else DownloadFailed says what is missing',
    result: `${error?.name}: ${error?.message.slice(0, 80)}…`,
    promisesPending: await pending(),
  })
})

test('a new version keeps what it shares and frees the rest', async ({ models, openTab }, testInfo) => {
  const page = await openTab()
  const model = `${models.url}/tiny/manifest.json`
  await load(page, { model })
  const old = manifestOf('tiny')
  // Another decoder: the emoji model's, under the same path.
  const decoder = manifestOf('emoji').files.find(({ path }) => path === 'decoder.onnx')
  const files = old.files.map((file) => (file.path === 'decoder.onnx' ? { ...file, ...decoder } : file))
  const manifest = Buffer.from(JSON.stringify({ ...old, version: 'new', files }))
  models.fault('/tiny/manifest.json', { kind: 'replace', body: manifest })
  const body = Buffer.from(await (await fetch(`${models.url}/emoji/decoder.onnx`)).arrayBuffer())
  models.fault('/tiny/decoder.onnx', { kind: 'replace', body })
  models.requests.length = 0
  const loaded = await load(page, { model })
  expect(loaded).toMatchObject({ version: 'new', stored: true })
  expect(models.requests.map(({ path }) => path)).toEqual(['/tiny/manifest.json', '/tiny/decoder.onnx'])
  const oldDecoder = old.files.find(({ path }) => path === 'decoder.onnx')?.sha256 ?? ''
  const keys = await page.evaluate(() => window.weights.keys())
  expect(keys.filter((key) => key.includes(oldDecoder))).toEqual([])
  const [listed] = await page.evaluate(() => window.weights.listModels())
  const bytes = files.reduce((all, file) => all + file.bytes, 0)
  expect(listed).toMatchObject({ version: 'new', bytes, storedBytes: bytes, complete: true })
  await recordFault(testInfo, {
    fault: 'a new version of the model at the same address',
    expected: 'shared files are kept, the rest is freed',
    result: `1 of ${files.length} files fetched, the old one gone`,
  })
})

test('models can be listed, sized, verified and deleted', async ({ models, openTab }, testInfo) => {
  const page = await openTab()
  const model = `${models.url}/tiny/manifest.json`
  const size = () => page.evaluate((m) => window.weights.modelSize(m), `${models.url}/tiny`)
  expect(await page.evaluate(() => window.weights.listModels())).toEqual([])
  expect(await size()).toEqual({ bytes: sum('tiny'), storedBytes: 0, missingBytes: sum('tiny'), runtimeBytes })
  const before = Date.now()
  await load(page, { model, only: ['decoder.onnx'] })
  const decoder = sizeOf('decoder.onnx', 'tiny')
  expect(await size()).toEqual({
    bytes: sum('tiny'),
    storedBytes: decoder,
    missingBytes: sum('tiny') - decoder,
    runtimeBytes,
  })
  const states = () =>
    page.evaluate(
      async (m) => (await window.weights.verifyModel(m)).files.map(({ path, state }) => [path, state]),
      model,
    )
  expect(Object.fromEntries(await states())).toMatchObject({ 'decoder.onnx': 'ok', 'denoiser.onnx': 'missing' })
  await load(page, { model })
  const [listed] = await page.evaluate(() => window.weights.listModels())
  const { id, version, name } = manifestOf('tiny')
  expect(listed).toMatchObject({ model, id, version, name, complete: true, inUse: false })
  expect(listed).toMatchObject({ bytes: sum('tiny'), storedBytes: sum('tiny') })
  expect(listed?.usedAt.getTime()).toBeGreaterThanOrEqual(before)
  expect(new Set((await states()).map(([, state]) => state))).toEqual(new Set(['ok']))
  const freed = await page.evaluate((m) => window.weights.deleteModel(m), model)
  expect(freed).toBe(sum('tiny'))
  expect(await page.evaluate(() => window.weights.keys())).toEqual([])
  expect(await page.evaluate((m) => window.weights.deleteModel(m), model)).toBe(0)
  await recordFault(testInfo, {
    fault: 'a model deleted',
    expected: 'all of it freed',
    result: `${freed} of ${sum('tiny')} bytes freed, 0 keys left`,
  })
})

test('a model that is being downloaded is not deleted: ModelBusy', async ({ models, openTab, pending }, testInfo) => {
  const [loading, other] = [await openTab(), await openTab()]
  const model = `${models.url}/emoji/manifest.json`
  await holdAt(models, loading, { model, only: [encoder] }, CHUNK + 1)
  const failure = await other.evaluate(
    (m) =>
      window.weights.deleteModel(m).then(
        () => 'deleted',
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    model,
  )
  expect(failure).toMatch(/^ModelBusy: text-encoder\.onnx .* is being downloaded/)
  await loading.evaluate(() => window.weights.stop.abort())
  await finished(loading)
  const freed = await other.evaluate((m) => window.weights.deleteModel(m), model)
  expect(freed).toBe(CHUNK + 1)
  await start(other, { model })
  expectWhole(await finished(other))
  await recordFault(testInfo, {
    fault: 'deleted while another tab downloads it',
    expected: 'ModelBusy; deleted once that has ended',
    result: `${failure.split(':')[0]}, then ${freed} bytes freed`,
    promisesPending: await pending(),
  })
})

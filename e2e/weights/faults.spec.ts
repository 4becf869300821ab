import { expect } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import {
  CHUNK,
  emoji,
  encoder,
  events,
  expectWhole,
  finished,
  hashOf,
  holdAt,
  load,
  only,
  path,
  sent,
  size,
  test,
  warnings,
} from './setup'

/** Servers that err. The model is on another origin than the page: no preflight may be needed. Every test starts with an empty browser. */

test('a flipped bit on the way: the file is fetched once more, whole; twice: CorruptFile', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const repair = models.fault(path, { kind: 'corrupt', atByte: 9_999_999 })
  const page = await openTab()
  const { error } = await load(page, { model: models.url + emoji, only })
  expect(error?.name).toBe('CorruptFile')
  expect(models.requests.filter((request) => request.path === path)).toHaveLength(2)
  expect(await page.evaluate(() => window.weights.keys())).toEqual([expect.stringMatching(/^models\//)])
  repair()
  models.fault(path, { kind: 'corrupt', atByte: 9_999_999 }, 1)
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  await recordFault(testInfo, {
    fault: 'one bit flipped in transit',
    expected: 'fetched once more; if wrong again CorruptFile, nothing kept',
    result: `once: hash right; twice: ${error?.name}, 0 chunks kept`,
    promisesPending: await pending(),
  })
})

for (const [what, damage] of [
  ['flipped bit', (key: string) => window.weights.flip(key, 4_000)],
  ['missing chunk', (key: string) => window.weights.drop(key)],
] as const) {
  test(`a ${what} in IndexedDB: that chunk alone is fetched again`, async ({ models, openTab }, testInfo) => {
    const page = await openTab()
    await load(page, { model: models.url + emoji })
    const keys = await page.evaluate(() => window.weights.keys())
    const key = keys.find((each) => each.startsWith(`chunks/${hashOf(encoder)}/`) && each.endsWith(`/${2 * CHUNK}`))
    if (!key) throw new Error('The chunk is not stored.')
    await page.evaluate(damage, key)
    const found = await page.evaluate((model) => window.weights.verifyModel(model), models.url + emoji)
    expect(found.ok).toBe(false)
    expect(found.files.filter(({ state }) => state !== 'ok').map(({ path, state }) => [path, state])).toEqual([
      [encoder, 'corrupt'],
    ])
    models.requests.length = 0
    expectWhole(await load(page, { model: models.url + emoji }))
    expect(models.requests.map(({ path, range, sent }) => ({ path, range, sent })).slice(1)).toEqual([
      { path, range: `bytes=${2 * CHUNK}-${3 * CHUNK - 1}`, sent: CHUNK },
    ])
    expect((await page.evaluate((model) => window.weights.verifyModel(model), models.url + emoji)).ok).toBe(true)
    await recordFault(testInfo, {
      fault: `${what} in IndexedDB`,
      expected: 'never used; that chunk alone is fetched again',
      result: `found by its hash, ${models.requests[1]?.sent} bytes fetched, hash right`,
      bytesLost: (models.requests[1]?.sent ?? 0) - CHUNK,
    })
  })
}

test('404: DownloadFailed without a retry', async ({ models, openTab, pending }, testInfo) => {
  models.fault(path, { kind: 'status', status: 404 })
  const page = await openTab()
  const { error } = await load(page, { model: models.url + emoji, only })
  expect(error).toMatchObject({
    name: 'DownloadFailed',
    message: expect.stringMatching(/404.*Check the model address/),
  })
  expect(await events(page, 'retry')).toEqual([])
  await recordFault(testInfo, {
    fault: '404',
    expected: 'DownloadFailed at once',
    result: `${error?.name}, ${models.requests.length - 1} request`,
    promisesPending: await pending(),
  })
})

test('500 and 503, then the file', async ({ models, openTab }, testInfo) => {
  models.fault(path, { kind: 'status', status: 500 }, 1)
  models.fault(path, { kind: 'status', status: 503 }, 1)
  const page = await openTab()
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  const retries = await events(page, 'retry')
  expect(retries.map(({ attempt, delayMs, reason }) => [attempt, delayMs, reason.slice(0, 23)])).toEqual([
    [1, 20, 'the server answered 500'],
    [2, 40, 'the server answered 503'],
  ])
  await recordFault(testInfo, {
    fault: '500, then 503, then the file',
    expected: 'retried with growing pauses',
    result: `${retries.length} retries, hash right`,
  })
})

test('a connection that falls silent counts as broken', async ({ models, openTab }, testInfo) => {
  models.fault(path, { kind: 'hold' }, 1)
  const page = await openTab()
  expectWhole(await load(page, { model: models.url + emoji, only, options: { stallMs: 1_000 } }), 'emoji', only)
  const [retry] = await events(page, 'retry')
  expect(retry?.reason).toBe('nothing came for 1 s')
  await recordFault(testInfo, {
    fault: 'connection open, no byte (limit shortened from 30 s to 1 s)',
    expected: 'retried',
    result: `${retry?.reason}, then the file`,
  })
})

test('a refusing server: five retries, then DownloadFailed; back again, it continues', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const page = await openTab()
  await holdAt(models, page, { model: models.url + emoji, only }, 5_000_001)
  await models.stop()
  const { error } = await finished(page)
  expect(error).toMatchObject({ name: 'DownloadFailed', message: expect.stringContaining('could not be reached') })
  const retries = await events(page, 'retry')
  expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5])
  await models.restart()
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  expect(sent(models, encoder)).toBe(size)
  await recordFault(testInfo, {
    fault: 'server gone in the middle',
    expected: 'five retries, DownloadFailed; resumed at the next try',
    result: `${retries.length} retries, ${error?.name}, then ${sent(models, encoder)} bytes sent in all`,
    bytesLost: sent(models, encoder) - size,
    promisesPending: await pending(),
  })
})

test('a server without Range: starts over and says so', async ({ models, openTab }, testInfo) => {
  models.fault(path, { kind: 'cut', afterBytes: 7_000_000 }, 1)
  models.fault(path, { kind: 'noRange' })
  const page = await openTab()
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  expect(await warnings(page)).toEqual([expect.stringMatching(/beginning again: the server cannot continue/)])
  await recordFault(testInfo, {
    fault: 'server without Range, after a cut',
    expected: 'starts over, with a warning',
    result: `warned; ${sent(models, encoder)} bytes sent for ${size}, hash right`,
  })
})

test('the file changed between its halves: never mixed', async ({ models, openTab, pending }, testInfo) => {
  models.fault(path, { kind: 'cut', afterBytes: 7_000_000 }, 1)
  const repair = models.fault(path, { kind: 'replace', body: Buffer.alloc(size, 7) })
  const page = await openTab()
  const { error } = await load(page, { model: models.url + emoji, only })
  expect(error).toMatchObject({ name: 'CorruptFile', message: expect.stringContaining('sha256') })
  expect(await warnings(page)).toEqual([expect.stringContaining('has changed on the server')])
  const kept = (await page.evaluate(() => window.weights.keys())).filter((key) => !key.startsWith('models/'))
  expect(kept).toEqual([])
  repair()
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  await recordFault(testInfo, {
    fault: 'ETag changed between the halves',
    expected: 'starts over with a warning; the wrong file is CorruptFile',
    result: `warned, ${error?.name}, ${kept.length} chunks of it kept`,
    promisesPending: await pending(),
  })
})

test('a page in place of the file, as captive portals answer: what was there stays', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const page = await openTab()
  await holdAt(models, page, { model: models.url + emoji, only }, 7_000_000)
  await models.stop()
  const portal = models.fault(path, { kind: 'html' })
  await models.restart()
  const { error } = await finished(page)
  expect(error).toMatchObject({ name: 'CorruptFile', message: expect.stringContaining('text/html') })
  portal()
  models.requests.length = 0
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  expect(sent(models, encoder)).toBe(size - 7_000_000)
  await recordFault(testInfo, {
    fault: 'a page (200 text/html) in place of the second half',
    expected: 'CorruptFile; the first half is kept',
    result: `${error?.name}, then ${sent(models, encoder)} bytes fetched`,
    bytesLost: sent(models, encoder) - (size - 7_000_000),
    promisesPending: await pending(),
  })
})

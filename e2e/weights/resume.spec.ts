import { expect } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import {
  CHUNK,
  came,
  emoji,
  encoder,
  events,
  expectWhole,
  finished,
  holdAt,
  load,
  only,
  path,
  reload,
  sent,
  size,
  start,
  test,
} from './setup'

/** Interrupted downloads. The model is on another origin than the page: no preflight may be needed. Every test starts with an empty browser. */

test('cut at five random bytes, the page reloaded after each: no byte is sent twice', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const cuts = randomCuts(5, size, 4)
  const page = await openTab()
  let before = 0
  for (const cut of cuts) {
    // The retry is never due: the reload continues.
    await holdAt(models, page, { model: models.url + emoji, only, options: { retryMs: 1e6 } }, cut, before)
    await models.stop()
    await models.restart()
    await page.waitForFunction(() => window.weights.events.some(({ stage }) => stage === 'retry'))
    await reload(page)
    before = cut
  }
  const loaded = await load(page, { model: models.url + emoji, only })
  expectWhole(loaded, 'emoji', only)
  const ranges = models.requests.filter((request) => request.path === path).map(({ range }) => range)
  expect(ranges).toEqual([undefined, ...cuts.map((cut) => `bytes=${cut}-`)])
  expect(sent(models, encoder)).toBe(size)
  await recordFault(testInfo, {
    fault: `connection cut at ${cuts.length} random bytes of ${size}, page reloaded after each`,
    expected: 'resumed by Range at the very byte',
    result: `${sent(models, encoder)} bytes sent in all, hash right`,
    bytesLost: sent(models, encoder) - size,
    promisesPending: await pending(),
  })
})

test('cut five times at full speed within one visit: continues by itself', async ({ models, openTab }, testInfo) => {
  for (const afterBytes of randomCuts(5, size / 8, 9)) models.fault(path, { kind: 'cut', afterBytes }, 1)
  const page = await openTab()
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  const retries = await events(page, 'retry')
  expect(retries).toHaveLength(5)
  const again = sent(models, encoder) - size
  // What Chromium had received and not yet handed over when a connection broke.
  expect(again).toBeGreaterThanOrEqual(0)
  expect(again).toBeLessThan(5 * 2 ** 21)
  await recordFault(testInfo, {
    fault: 'connection cut five times at full speed within one visit',
    expected: 'five retries, each reported, and resumed by Range',
    result: `${retries.length} retries, hash right, ${again} bytes sent again that the browser had not handed over`,
  })
})

test('reloaded in the middle: continues from the last stored chunk', async ({ models, openTab }, testInfo) => {
  models.fault(path, { kind: 'slow', bytesPerSecond: 6e6 }, 1)
  const page = await openTab()
  await start(page, { model: models.url + emoji, only })
  await came(page, encoder, 2.5 * CHUNK)
  await reload(page)
  await start(page, { model: models.url + emoji, only })
  expectWhole(await finished(page), 'emoji', only)
  const [first] = await events(page, 'download')
  expect(first).toMatchObject({ source: 'store' })
  const kept = first?.loaded ?? 0
  expect(kept % CHUNK).toBe(0)
  expect(kept).toBeGreaterThanOrEqual(CHUNK)
  expect(models.requests.at(-1)?.range).toBe(`bytes=${kept}-`)
  const again = sent(models, encoder) - size
  // What had come since the last chunk, and what was still on its way.
  expect(again).toBeLessThan(2 * CHUNK)
  await recordFault(testInfo, {
    fault: 'page reloaded in the middle of a download',
    expected: 'continues from the stored chunks (4 MiB each)',
    result: `${kept} bytes kept, ${again} sent again, hash right`,
    bytesLost: (models.requests.at(-1)?.sent ?? 0) - (size - kept),
  })
})

test('aborted: stops at once, keeps what came', async ({ models, openTab, pending }, testInfo) => {
  models.fault(path, { kind: 'slow', bytesPerSecond: 6e6 }, 1)
  const page = await openTab()
  await start(page, { model: models.url + emoji, only })
  await came(page, encoder, 1_000_000)
  const { ms, came: bytes } = await page.evaluate(async (file) => {
    const began = performance.now()
    window.weights.stop.abort()
    const loaded = await window.weights.last
    if (loaded?.error?.name !== 'AbortError') throw new Error(`Expected AbortError, got ${loaded?.error?.name}`)
    return { ms: performance.now() - began, came: window.weights.loaded(file) }
  }, encoder)
  expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
  expect((await events(page, 'download'))[0]).toMatchObject({ loaded: bytes, source: 'store' })
  await recordFault(testInfo, {
    fault: 'download aborted',
    expected: 'AbortError at once; every byte that was reported is kept',
    result: `settled after ${Math.round(ms)} ms, resumed at ${bytes}`,
    bytesLost: (models.requests.at(-1)?.sent ?? 0) - (size - bytes),
    promisesPending: await pending(),
    ms: Math.round(ms),
  })
})

/** Ascending, at most one a stretch of the file, so that each answer has some bytes to send. */
function randomCuts(count: number, bytes: number, seed: number): number[] {
  let state = seed
  return Array.from({ length: count }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return 1 + Math.floor(((i + state / 2 ** 32) * (bytes - 2)) / count)
  })
}

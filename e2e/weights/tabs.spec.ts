import { expect, type Page } from '@playwright/test'
import { source } from '../testing/pages'
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
  manifestOf,
  only,
  path,
  sent,
  size,
  start,
  test,
} from './setup'

/** Several tabs of one browser, and the model on another origin. */

/** Whether any tab waits for another's download. */
function waiting(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const { pending = [] } = await navigator.locks.query()
    return pending.some(({ name }) => name?.startsWith('scalewise/file/'))
  })
}

async function chunks(page: Page): Promise<number> {
  return (await page.evaluate(() => window.weights.keys())).filter((key) => key.startsWith('chunks/')).length
}

test('two tabs download once; the second shows how far the first is', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  models.fault(path, { kind: 'slow', bytesPerSecond: 8e6 }, 1)
  const [first, second] = [await openTab(), await openTab()]
  await start(first, { model: models.url + emoji, only })
  await came(first, encoder, 1)
  await start(second, { model: models.url + emoji, only })
  await second.waitForFunction(() => window.weights.events.some((e) => e.stage === 'download' && e.source === 'tab'))
  expectWhole(await finished(first), 'emoji', only)
  expectWhole(await finished(second), 'emoji', only)
  expect(models.requests.filter((request) => request.path === path)).toHaveLength(1)
  const received = (await events(second, 'download'))
    .filter(({ source }) => source === 'tab')
    .map(({ loaded }) => loaded)
  expect(received.length).toBeGreaterThan(3)
  expect(received).toEqual([...received].sort((one, other) => one - other))
  expect((await events(second, 'download')).at(-1)).toMatchObject({ source: 'store', loaded: size })
  await recordFault(testInfo, {
    fault: 'two tabs load the same model',
    expected: 'downloaded once; the waiting tab shows the progress',
    result: `${sent(models, encoder)} of ${size} bytes sent, ${received.length} times reported to the other tab`,
    bytesLost: sent(models, encoder) - size,
    promisesPending: await pending(),
  })
})

test('the downloading tab is closed: the waiting one takes over where it stopped', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const [first, second] = [await openTab(), await openTab()]
  await holdAt(models, first, { model: models.url + emoji, only }, 2 * CHUNK + 1000)
  await start(second, { model: models.url + emoji, only })
  await expect.poll(() => waiting(second)).toBe(true)
  await expect.poll(() => chunks(second)).toBe(2)
  await first.close()
  expectWhole(await finished(second), 'emoji', only)
  const ranges = models.requests.filter((request) => request.path === path).map(({ range }) => range)
  expect(ranges).toEqual([undefined, `bytes=${2 * CHUNK}-`])
  const again = sent(models, encoder) - size
  expect(again).toBe(1000)
  await recordFault(testInfo, {
    fault: 'the downloading one of two tabs is closed',
    expected: 'the waiting tab continues from the stored chunks',
    result: `${again} bytes sent again (received since the last chunk), hash right`,
    promisesPending: await pending(),
  })
})

test('a waiting tab can be aborted', async ({ models, openTab, pending }, testInfo) => {
  const [first, second] = [await openTab(), await openTab()]
  await holdAt(models, first, { model: models.url + emoji, only }, 1000)
  await start(second, { model: models.url + emoji, only })
  await expect.poll(() => waiting(second)).toBe(true)
  const ms = await second.evaluate(async () => {
    const began = performance.now()
    window.weights.stop.abort()
    const loaded = await window.weights.last
    if (loaded?.error?.name !== 'AbortError') throw new Error(`Expected AbortError, got ${loaded?.error?.name}`)
    return Math.round(performance.now() - began)
  })
  await recordFault(testInfo, {
    fault: 'abort while waiting for another tab',
    expected: 'AbortError at once',
    result: `settled after ${ms} ms`,
    promisesPending: await pending(),
    ms,
  })
})

test('two engines in two tabs start at the same time: each file is sent once, both draw', async ({
  models,
  context,
}, testInfo) => {
  const tabs = await Promise.all(
    [0, 1].map(async () => {
      const page = await context.newPage()
      await page.goto(`${source}/e2e/testing/harness.html`)
      await page.waitForFunction(() => 'scalewise' in window)
      return page
    }),
  )
  models.fault(/onnx$/, { kind: 'slow', bytesPerSecond: 1e6 })
  const drawn = await Promise.all(
    tabs.map((page) =>
      page.evaluate(async (model) => {
        window.engine = await window.scalewise.createEngine({ model, backend: 'wasm' })
        const { image, stats } = await window.engine.generate({ prompt: 'a red apple', seed: 7 })
        return { pixels: Array.from(image.data), live: stats.live }
      }, `${models.url}/tiny/manifest.json`),
    ),
  )
  expect(drawn[0]?.pixels).toEqual(drawn[1]?.pixels)
  const files = manifestOf('tiny').files
  for (const file of files) expect(sent(models, file.path)).toBe(file.bytes)
  const [listed] = await (tabs[0] as (typeof tabs)[0]).evaluate(() => window.scalewise.listModels())
  expect(listed).toMatchObject({ id: 'tiny', complete: true, inUse: true })
  await recordFault(testInfo, {
    fault: 'two engines in two tabs load at the same time',
    expected: 'each file sent once, both draw the same picture',
    result: `${files.length} files sent once, pictures equal`,
    latentsAlive: Math.max(...drawn.map(({ live }) => live)),
  })
})

test('a model is in use while an engine of any tab has it', async ({ models, openTab }) => {
  const [first, second] = [await openTab(), await openTab()]
  const model = `${models.url}/tiny/manifest.json`
  const inUse = () => second.evaluate(async () => (await window.weights.listModels()).map((each) => each.inUse))
  await load(first, { model, keep: true })
  expect(await inUse()).toEqual([true])
  await first.close()
  await expect.poll(inUse).toEqual([false])
})

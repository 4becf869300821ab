import { expect, test } from '@playwright/test'
import { source } from '../testing/pages'

/** What an app has beside pictures: one progress, a warm start, results that can be written down, the newest request. */

const MODEL = '/models/tiny/'

test.beforeEach(async ({ page }) => {
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
})

test('one figure for all of loading, with the bytes of ONNX Runtime in it', async ({ page }) => {
  const told = await page.evaluate(async (model) => {
    const { createEngine, modelSize, overallProgress, preload } = window.scalewise
    const size = await modelSize(model)
    const first: number[] = []
    await preload({ model, backend: 'wasm', onProgress: overallProgress(({ fraction }) => first.push(fraction)) })
    const all: { fraction: number; totalBytes: number; doing: string }[] = []
    const engine = await createEngine({ model, backend: 'wasm', onProgress: overallProgress((each) => all.push(each)) })
    await engine.generate({ prompt: 'a cat', seed: 1 })
    await engine.dispose()
    return { size, first, all }
  }, MODEL)
  const { size, first, all } = told
  for (const fractions of [first, all.map(({ fraction }) => fraction)]) {
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(fractions.at(-1)).toBe(1)
    // Not one leap: there are steps between nothing and everything.
    expect(new Set(fractions).size).toBeGreaterThan(3)
  }
  expect(size.runtimeBytes).toBeGreaterThan(10e6)
  expect(all.at(-1)).toMatchObject({ doing: 'ready', totalBytes: size.bytes + size.runtimeBytes })
})

test('ONNX Runtime comes while the model is still on its way', async ({ page }) => {
  const runtime = page.waitForRequest((request) => request.url().endsWith('.wasm'))
  let opened = () => {}
  const held = new Promise<void>((resolve) => (opened = resolve))
  await page.route('**/tiny/text-encoder.onnx', async (route) => {
    await held
    await route.continue()
  })
  const drawn = page.evaluate(async (model) => {
    const engine = await window.scalewise.createEngine({ model, backend: 'wasm' })
    const { stats } = await engine.generate({ prompt: 'a cat', seed: 1 })
    await engine.dispose()
    return stats.live
  }, MODEL)
  await runtime
  opened()
  expect(await drawn).toBe(0)
})

test('a result becomes JSON without its pixels, and the record draws the same picture', async ({ page }) => {
  const { text, same, record } = await page.evaluate(async (model) => {
    const engine = await window.scalewise.createEngine({ model, backend: 'wasm' })
    const seeds = [2n ** 64n - 1n, 5n]
    const result = await engine.generate({ prompt: 'a cat', style: '3d', seeds, schedule: 'quick' })
    structuredClone(result) // As IndexedDB and other workers take it.
    const text = JSON.stringify(result)
    const record = JSON.parse(text)
    const again = await engine.generate(record.request)
    await engine.dispose()
    const same = result.images.map((image, i) => image.data.join() === again.images[i]?.data.join())
    return { text, same, record }
  }, MODEL)
  expect(same).toEqual([true, true])
  expect(text.length).toBeLessThan(2_000)
  expect(record).toMatchObject({
    request: { prompt: 'a cat', style: '3d', seeds: ['18446744073709551615', '5'] },
    model: { id: 'tiny' },
    backend: { name: 'wasm' },
  })
})

test('warmUp takes its place in the queue, works once, and can be cancelled', async ({ page }) => {
  const found = await page.evaluate(async (model) => {
    const engine = await window.scalewise.createEngine({ model, backend: 'wasm' })
    const stop = new AbortController()
    stop.abort()
    const refused = await engine.warmUp({ signal: stop.signal }).catch(({ name }) => name)
    const [, { stats }] = await Promise.all([engine.warmUp(), engine.generate({ prompt: 'a cat', seed: 1 })])
    const began = performance.now()
    await engine.warmUp()
    const again = performance.now() - began
    await engine.dispose()
    const disposed = await engine.generate({ prompt: '' }).catch(({ name }) => name)
    return { refused, live: stats.live, again, disposed }
  }, MODEL)
  expect(found).toMatchObject({ refused: 'AbortError', live: 0, disposed: 'Disposed' })
  expect(found.again).toBeLessThan(5)
})

test('of requests with the same `latest` the newest is drawn; others keep their place', async ({ page }) => {
  const ends = await page.evaluate(async (model) => {
    const engine = await window.scalewise.createEngine({ model, backend: 'wasm' })
    const order: string[] = []
    const draw = (prompt: string, latest?: string) =>
      engine.generate({ prompt, seed: 1, ...(latest && { latest }) }).then(
        () => void order.push(prompt),
        ({ name, cause }) => void order.push(`${prompt}: ${name}, ${cause}`),
      )
    await Promise.all([draw('c', 'typing'), draw('ca', 'typing'), draw('other'), draw('cat', 'typing')])
    await engine.dispose()
    return order
  }, MODEL)
  const taken = "AbortError, a newer request of 'typing' took its place"
  expect([...ends].sort()).toEqual([`c: ${taken}`, `ca: ${taken}`, 'cat', 'other'])
  expect(ends.indexOf('other')).toBeLessThan(ends.indexOf('cat'))
})

import { expect, type Page, test } from '@playwright/test'
import { source } from '../testing/pages'

/** The library as an app calls it, on WASM. One engine for all tests: after each failure it has to be as before. */
test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  page = await browser.newPage()
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
  await page.evaluate(async () => {
    window.engine = await window.scalewise.createEngine({ model: '/models/tiny/', backend: 'wasm' })
  })
})

test.afterEach(async () => {
  const stats = await page.evaluate(async () => (await window.engine.generate({ prompt: 'a cat', seed: 1 })).stats)
  expect(stats.live).toBe(0)
})

test.afterAll(async () => {
  await page.close()
})

test('reports the model and the backend', async () => {
  const { id, backend, schedules } = await page.evaluate(() => ({
    id: window.engine.model.id,
    backend: window.engine.backend,
    schedules: Object.keys(window.engine.model.schedules),
  }))
  expect(id).toBe('tiny')
  expect(backend.name).toBe('wasm')
  expect(schedules).toContain('default')
})

test('the same request draws the same picture; nothing is read back from a GPU', async () => {
  const { first, second, stats } = await page.evaluate(async () => {
    const request = { prompt: 'a red apple', seed: 7 }
    const one = await window.engine.generate(request)
    const two = await window.engine.generate(request)
    return { first: Array.from(one.image.data), second: Array.from(two.image.data), stats: one.stats }
  })
  expect(first).toEqual(second)
  expect(new Set(first).size).toBeGreaterThan(20)
  expect(stats.readbacks).toBe(0)
})

test('streams its scales, and leaving the loop cancels', async () => {
  const seen = await page.evaluate(async () => {
    const events: { index: number; count: number; size: readonly [number, number]; width: number | undefined }[] = []
    for await (const { index, count, size, previews } of window.engine.stream({ prompt: 'a fox', preview: 'linear' })) {
      events.push({ index, count, size, width: previews[0]?.width })
      if (index === 1) break
    }
    return events
  })
  expect(seen.map(({ index }) => index)).toEqual([0, 1])
  for (const { size, width } of seen) expect(width).toBe(size[1])
})

test('an aborted call stops between scales, also while queued', async () => {
  const { drawn, running, queued } = await page.evaluate(async () => {
    const stop = new AbortController()
    const stopQueued = new AbortController()
    let drawn = 0
    const first = window.engine.generate({
      prompt: 'a fox',
      signal: stop.signal,
      onScale: () => {
        drawn++
        stop.abort()
      },
    })
    const second = window.engine.generate({ prompt: 'a dog', signal: stopQueued.signal })
    stopQueued.abort()
    return { running: await window.failure(first), queued: await window.failure(second), drawn }
  })
  expect(running.name).toBe('AbortError')
  expect(queued.name).toBe('AbortError')
  expect(drawn).toBeLessThan(4)
})

test('an error in a listener fails the call with that error', async () => {
  const failure = await page.evaluate(() =>
    window.failure(
      window.engine.generate({
        prompt: 'a fox',
        onScale: () => {
          throw new RangeError('from the listener')
        },
      }),
    ),
  )
  expect(failure).toEqual({ name: 'RangeError', message: 'from the listener' })
})

const bad: readonly { what: string; request: Record<string, unknown>; name: string }[] = [
  { what: 'no prompt', request: { prompt: undefined }, name: 'InvalidRequest' },
  { what: 'no pictures', request: { count: 0 }, name: 'InvalidRequest' },
  { what: 'too many pictures', request: { count: 17 }, name: 'InvalidRequest' },
  { what: 'a negative seed', request: { seed: -1 }, name: 'InvalidSeed' },
  { what: 'a broken seed', request: { seed: 0.5 }, name: 'InvalidSeed' },
  { what: 'a seed past 2^64', request: { seed: 2n ** 64n }, name: 'InvalidSeed' },
  { what: 'an unknown schedule', request: { schedule: 'none such' }, name: 'UnknownSchedule' },
  { what: 'an unknown style', request: { style: 'none such' }, name: 'UnknownStyle' },
  { what: 'an empty schedule', request: { schedule: [] }, name: 'InvalidSchedule' },
  {
    what: 'a sigma that is no number',
    request: { schedule: [{ size: 8, sigma: Number.NaN }] },
    name: 'InvalidSchedule',
  },
  {
    what: 'a rising sigma',
    request: {
      schedule: [
        { size: 8, sigma: 1 },
        { size: 8, sigma: 0.5 },
        { size: 8, sigma: 0.6 },
      ],
    },
    name: 'InvalidSchedule',
  },
  {
    what: 'a falling size',
    request: {
      schedule: [
        { size: 10, sigma: 1 },
        { size: 8, sigma: 0.5 },
      ],
    },
    name: 'InvalidSchedule',
  },
  {
    what: 'a size that the patch does not divide',
    request: { schedule: [{ size: 9, sigma: 1 }] },
    name: 'InvalidSchedule',
  },
]

for (const { what, request, name } of bad) {
  test(`${what}: ${name}, with a remedy`, async () => {
    const failure = await page.evaluate(
      (fields) => window.failure(window.engine.generate({ prompt: 'a fox', ...fields })),
      request,
    )
    expect(failure.name).toBe(name)
    expect(failure.message).toMatch(/\. .+[.?]$/s) // What is wrong, then what to do.
  })
}

test('draws a schedule of its own, rectangles too', async () => {
  const { width, height, sizes } = await page.evaluate(async () => {
    const sizes: (readonly [number, number])[] = []
    const { image } = await window.engine.generate({
      prompt: 'a fox',
      schedule: [
        { size: [6, 8], sigma: 1 },
        { size: [8, 12], sigma: 0.5 },
      ],
      onScale: ({ size }) => sizes.push(size),
    })
    return { width: image.width, height: image.height, sizes }
  })
  expect([width, height]).toEqual([96, 64])
  expect(sizes).toEqual([
    [6, 8],
    [8, 12],
  ])
})

test('loading can be cancelled, and a disposed engine says so', async () => {
  const { cancelled, disposed } = await page.evaluate(async () => {
    const stop = new AbortController()
    const loading = window.scalewise.createEngine({
      model: '/models/tiny/',
      backend: 'wasm',
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    const cancelled = await window.failure(loading)
    const other = await window.scalewise.createEngine({ model: '/models/tiny/', backend: 'wasm' })
    await other.dispose()
    return { cancelled, disposed: await window.failure(other.generate({ prompt: 'a fox' })) }
  })
  expect(cancelled.name).toBe('AbortError')
  expect(disposed.name).toBe('Disposed')
})

test('the browser is asked once to keep what is stored, after all of it is; or not at all', async ({ browser }) => {
  const other = await browser.newPage()
  await other.addInitScript(() => {
    StorageManager.prototype.persist = async () => {
      const [model] = await window.scalewise.listModels()
      window.asked.push(model?.complete ?? false)
      return true
    }
    window.asked = []
  })
  await other.goto(`${source}/e2e/testing/harness.html`)
  await other.waitForFunction(() => 'scalewise' in window)
  const load = (persist: boolean) =>
    other.evaluate(async (wanted) => {
      const options = { model: '/models/tiny/', backend: 'wasm', persist: wanted } as const
      const engine = await window.scalewise.createEngine(options)
      await engine.generate({ prompt: 'a cat', seed: 1 })
      await engine.dispose()
    }, persist)
  const asked = () => other.evaluate(() => window.asked)
  await load(false)
  expect(await asked()).toEqual([])
  await load(true)
  // The browser's answer is not waited for, nor what this test looks up before it gives one.
  await expect.poll(asked).toEqual([true])
  await other.close()
})

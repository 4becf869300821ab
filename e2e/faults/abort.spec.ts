import { expect, type Page, test } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { startServer } from '../testing/server'
import type { Outcome } from './faulty-page'
import { ends, msSince, openFaultyPage, pending } from './setup'

/** A signal fires at every stage of loading and of drawing. What comes next must be as if nothing had been. */
test.describe.configure({ mode: 'serial' })

let page: Page
let sound: string

test.beforeAll(async ({ browser }) => {
  page = await openFaultyPage(browser)
  sound = (await next()).picture
})

test.afterAll(() => page.close())

/** The model's own schedule, on the engine that the tests share. */
function next(on = page): Promise<Outcome> {
  return on.evaluate(async () => {
    window.engine ??= await window.faults.createEngine()
    return window.faults.outcome(window.engine.generate({ prompt: 'a red apple', seed: 7 }))
  })
}

/** Checks that all were cancelled and that the engine draws as before; records how long the slowest took to stop. */
async function expectStopped(
  stage: string,
  stops: readonly { outcome: Outcome; aborted: number }[],
  on = page,
): Promise<void> {
  const outcomes = stops.map(({ outcome }) => outcome)
  for (const { end, message } of outcomes) expect(end, message).toBe('AbortError')
  const drawn = await next(on)
  expect(drawn).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  const latencies = stops.map(({ outcome, aborted }) => msSince(aborted, [outcome]))
  await recordFault(test.info(), {
    fault: `aborted ${stage}`,
    expected: 'AbortError; the next call draws the same picture',
    result: `${ends(outcomes)} after ${latencies.map((ms) => ms.toFixed(1)).join(', ')} ms; then the same picture`,
    promisesPending: pending([...outcomes, drawn]),
    latentsAlive: drawn.live,
    ms: Math.max(...latencies),
  })
}

test('while a file is being downloaded', async ({ browser }) => {
  const server = await startServer({ root: '.', cors: true })
  const model = `${server.url}/models/tiny/`
  // Of a profile of its own, with nothing stored.
  const fresh = await openFaultyPage(browser)
  try {
    // The first file that is needed: nothing is compiled before it is there.
    const release = server.fault('/models/tiny/tokenizer.json', { kind: 'hold' })
    await fresh.evaluate((model) => {
      const stop = new AbortController()
      const call = window.faults.outcome(window.faults.createEngine({ model, signal: stop.signal }))
      Object.assign(window, { stop, call })
    }, model)
    await expect.poll(() => server.requests.some(({ path }) => path.endsWith('tokenizer.json'))).toBe(true)
    const stopped = await fresh.evaluate(async () => {
      const { stop, call } = window as unknown as { stop: AbortController; call: Promise<Outcome> }
      const aborted = performance.now()
      stop.abort()
      return { outcome: await call, aborted }
    })
    release()
    await fresh.evaluate(async (model) => {
      window.engine = await window.faults.createEngine({ model })
    }, model)
    await expectStopped('while a file is being downloaded', [stopped], fresh)
  } finally {
    await fresh.close()
    await server.stop()
  }
})

test('at each graph that is compiled', async () => {
  const stops = await page.evaluate(async () => {
    const { createEngine, outcome } = window.faults
    const stops: { outcome: Outcome; aborted: number }[] = []
    for (let graph = 0; graph < 3; graph++) {
      const stop = new AbortController()
      let aborted = 0
      const loading = createEngine({
        signal: stop.signal,
        onProgress(event) {
          if (event.stage !== 'compile' || event.index !== graph) return
          aborted = performance.now()
          stop.abort()
        },
      })
      stops.push({ outcome: await outcome(loading), aborted })
    }
    return stops
  })
  await expectStopped('at each of 3 graphs that are compiled', stops)
})

test('while queued behind another, and while that one draws', async () => {
  const { stops, whole } = await page.evaluate(async () => {
    const { long, outcome, request } = window.faults
    const stopFirst = new AbortController()
    const stopQueued = new AbortController()
    let scaleMs = 0
    const first = outcome(
      window.engine.generate({
        ...long,
        signal: stopFirst.signal,
        onScale({ ms }) {
          scaleMs = Math.max(scaleMs, ms)
        },
      }),
    )
    let abortedQueued = 0
    const queued = await outcome(
      window.engine.generate({
        ...request,
        signal: stopQueued.signal,
        onProgress({ stage }) {
          if (stage !== 'queued') return
          abortedQueued = performance.now()
          stopQueued.abort()
        },
      }),
    )
    const abortedFirst = performance.now()
    stopFirst.abort()
    const stops = [
      { outcome: queued, aborted: abortedQueued },
      { outcome: await first, aborted: abortedFirst },
    ]
    return { stops, whole: scaleMs * long.schedule.length }
  })
  // A queue or a loop that missed the signal would continue to the end.
  for (const { outcome, aborted } of stops) expect(msSince(aborted, [outcome])).toBeLessThan(whole / 2)
  await expectStopped('while queued, and then the one before it while it draws', stops)
})

test('at each scale, before the first and after the last', async () => {
  const stops = await page.evaluate(async () => {
    const stops: { outcome: Outcome; aborted: number }[] = []
    // −1: when the loop begins.
    for (let scale = -1; scale < 4; scale++) {
      const stop = new AbortController()
      let aborted = 0
      function abort(): void {
        aborted = performance.now()
        stop.abort()
      }
      const call = window.engine.generate({
        prompt: 'a red apple',
        seed: 7,
        preview: 'none',
        signal: stop.signal,
        onProgress: ({ stage }) => scale === -1 && stage === 'denoise' && abort(),
        onScale: ({ index }) => index === scale && abort(),
      })
      stops.push({ outcome: await window.faults.outcome(call), aborted })
    }
    return stops
  })
  await expectStopped('at each of 4 scales, before the first and after the last', stops)
})

for (const stage of ['text', 'decode'] as const) {
  test(stage === 'text' ? 'while the prompt is read' : 'while the picture is decoded', async () => {
    const stopped = await page.evaluate(async (wanted) => {
      const stop = new AbortController()
      let aborted = 0
      const call = window.engine.generate({
        prompt: 'a red apple',
        seed: 7,
        signal: stop.signal,
        onProgress(event) {
          if (event.stage !== wanted) return
          aborted = performance.now()
          stop.abort()
        },
      })
      return { outcome: await window.faults.outcome(call), aborted }
    }, stage)
    await expectStopped(stage === 'text' ? 'while the prompt is read' : 'while the picture is decoded', [stopped])
  })
}

import { type Browser, expect, type Page, test } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { drawFirst, ends, launchWithGc, openFaultyPage, pending } from './setup'

/** The traps of calls that cross threads: dropped engines, callbacks that throw, values that cannot be sent. */
test.describe.configure({ mode: 'serial' })

let browser: Browser
let page: Page
let sound: string

test.beforeAll(async () => {
  browser = await launchWithGc()
  page = await openFaultyPage(browser)
  sound = await drawFirst(page)
})

test.afterAll(() => browser.close())

test('an engine without any reference left settles its call', async () => {
  const { drawn, collections, collected } = await page.evaluate(async () => {
    const { createEngine, long, outcome } = window.faults
    const { gc } = globalThis as unknown as { gc: (options: { execution: 'async' }) => Promise<void> }
    let collected = false
    const registry = new FinalizationRegistry(() => {
      collected = true
    })
    async function drop() {
      const engine = await createEngine()
      registry.register(engine, undefined)
      return { call: engine.generate({ ...long, schedule: long.schedule.slice(0, 300) as never }) }
    }
    const { call } = await drop()
    let settled = false
    const drawn = outcome(call).finally(() => {
      settled = true
    })
    let collections = 0
    while (!settled) {
      await gc({ execution: 'async' })
      if (!settled) collections++
    }
    return { drawn: await drawn, collections, collected }
  })
  expect(collections).toBeGreaterThan(2)
  expect(collected).toBe(true)
  expect(drawn).toMatchObject({ end: 'drawn', live: 0 })
  await recordFault(test.info(), {
    fault: 'the only reference to an engine is dropped while it draws, and garbage is collected',
    expected: 'the call settles',
    result: `${ends([drawn])}, over ${collections} collections`,
    promisesPending: pending([drawn]),
    latentsAlive: drawn.live,
  })
})

test('a callback that throws, whichever: the call rejects with that error', async () => {
  const { outcomes, loading, next } = await page.evaluate(async () => {
    const { createEngine, long, outcome, request } = window.faults
    function fail(): void {
      throw new RangeError('from the listener')
    }
    const outcomes = [
      await outcome(window.engine.generate({ ...long, onScale: fail })),
      await outcome(window.engine.generate({ ...long, onProgress: fail })),
    ]
    const loading = await outcome(createEngine({ onProgress: fail }))
    return { outcomes, loading, next: await outcome(window.engine.generate(request)) }
  })
  for (const failed of [...outcomes, loading]) {
    expect(failed).toMatchObject({ end: 'RangeError', message: 'from the listener' })
  }
  expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  await recordFault(test.info(), {
    fault: 'onScale, onProgress and the onProgress of createEngine throw',
    expected: 'the call stops and rejects with that error; the next call draws the same picture',
    result: `${ends([...outcomes, loading])}; then the same picture`,
    promisesPending: pending([...outcomes, loading, next]),
    latentsAlive: next.live,
  })
})

test('a request that cannot be sent, or is none: InvalidRequest', async () => {
  const { outcomes, next } = await page.evaluate(async () => {
    const { outcome, request } = window.faults
    const wrong: unknown[] = [
      { ...request, prompt: () => 'a fox' },
      { ...request, prompt: Symbol('a fox') },
      { ...request, style: document.body },
      { ...request, schedule: [{ size: 4, sigma: 1, toJSON() {} }] },
      { ...request, extra: new WeakMap() },
      { ...request, prompt: { toString: null } },
      undefined,
      null,
      'a fox',
      7,
    ]
    const outcomes = []
    for (const each of wrong) outcomes.push(await outcome(window.engine.generate(each as typeof request)))
    return { outcomes, next: await outcome(window.engine.generate(request)) }
  })
  for (const { end, message } of outcomes) {
    expect(end, message).toBe('InvalidRequest')
    expect(message).toMatch(/\. .+[.?]$/s) // What is wrong, then what to do.
  }
  expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  await recordFault(test.info(), {
    fault: `${outcomes.length} requests that cannot cross to a worker, or are none`,
    expected: 'InvalidRequest; the next call draws the same picture',
    result: `${ends(outcomes)}; then the same picture`,
    promisesPending: pending([...outcomes, next]),
    latentsAlive: next.live,
  })
})

test('signals, callbacks and workers that are none: a named error, whichever call', async () => {
  const { wrong, lent, next } = await page.evaluate(async () => {
    const { createEngine, outcome, request } = window.faults
    const { modelSize, preload, probe } = window.scalewise
    const model = '/models/tiny/'
    const no = (value: unknown) => value as never
    const reported = async () => ({ ...(await modelSize(model)), ...(await probe({ signal: no('none') })) })
    const wrong = []
    for (const signal of ['stop', 7, {}, { aborted: false }, new AbortController(), { aborted: true }].map(no)) {
      wrong.push(await outcome(window.engine.generate({ ...request, signal })))
      wrong.push(await outcome(window.engine.stream({ ...request, signal }).result))
      wrong.push(await outcome(createEngine({ signal })))
      wrong.push(await outcome(modelSize(model, { signal })))
      wrong.push(await outcome(preload({ model, signal }) as never))
    }
    wrong.push(await outcome(reported()))
    for (const callback of ['none', {}, 7].map(no)) {
      wrong.push(await outcome(window.engine.generate({ ...request, onScale: callback })))
      wrong.push(await outcome(window.engine.generate({ ...request, onProgress: callback })))
      wrong.push(await outcome(window.engine.stream({ ...request, onScale: callback }).result))
      wrong.push(await outcome(createEngine({ onProgress: callback })))
      wrong.push(await outcome(preload({ model, onProgress: callback }) as never))
      wrong.push(await outcome(modelSize(model, { worker: callback })))
    }
    for (const made of [undefined, {}, Promise.resolve()].map(no)) {
      wrong.push(await outcome(createEngine({ worker: () => made })))
      wrong.push(await outcome(modelSize(model, { worker: () => made })))
    }
    // As libraries make them that stand in for the browser's.
    const lent = Object.assign(new EventTarget(), { aborted: false, reason: 'by hand' })
    const call = outcome(window.engine.generate({ ...window.faults.long, signal: no(lent) }))
    lent.aborted = true
    lent.dispatchEvent(new Event('abort'))
    return { wrong, lent: await call, next: await outcome(window.engine.generate(request)) }
  })
  for (const { end, message } of wrong) {
    expect(end, message).toMatch(/^(InvalidRequest|WorkerCrashed)$/)
    expect(message).toMatch(/\. .+[.?]$/s)
  }
  expect(lent.end).toBe('AbortError')
  expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  await recordFault(test.info(), {
    fault: `${wrong.length} calls with signals, callbacks and workers that are none; then a signal that a library made`,
    expected: 'InvalidRequest, or WorkerCrashed for a worker; AbortError; the next call draws the same picture',
    result: `${ends(wrong)}; ${lent.end}; then the same picture`,
    promisesPending: pending([...wrong, lent, next]),
    latentsAlive: next.live,
  })
})

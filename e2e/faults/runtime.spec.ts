import { type Browser, expect, type Page, test } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import type { Outcome } from './faulty-page'
import { drawFirst, ends, msSince, openFaultyPage, pending } from './setup'
import type { WorkerPlan } from './worker-orders'

/** The GPU or the runtime fails without being lost, scripts do not come, browsers are old. */
test.describe.configure({ mode: 'serial' })
// A software GPU compiles the shaders for some ten seconds.
test.setTimeout(480_000)

let page: Page
/** The usual request's picture on WASM. */
let sound: string

test.beforeAll(async ({ browser }) => {
  page = await openFaultyPage(browser)
  sound = await drawFirst(page)
})

test.afterAll(() => page.close())

interface Tried {
  readonly loaded: Outcome
  readonly drawn: Outcome | undefined
  readonly backend: { name: string; reason: string } | undefined
  readonly recovering: readonly string[]
  readonly started: number
}

/** Loads and draws with a faulty first worker. */
function tryBackend(plan: WorkerPlan, backend: 'auto' | 'webgpu', on = page): Promise<Tried> {
  return on.evaluate(
    async ({ plan, backend }) => {
      const { createEngine, outcome, request } = window.faults
      const started = performance.now()
      const recovering: string[] = []
      function onProgress(event: { stage: string; reason?: string }): void {
        if (event.stage === 'recovering') recovering.push(event.reason ?? '')
      }
      const loading = createEngine({ backend, onProgress }, [plan, plan])
      const loaded = await outcome(loading, 200_000)
      if (loaded.end !== 'loaded') return { loaded, drawn: undefined, backend: undefined, recovering, started }
      const engine = await loading
      const drawn = await outcome(engine.generate({ ...request, onProgress }), 200_000)
      const report = engine.backend
      await engine.dispose()
      return { loaded, drawn, backend: report, recovering, started }
    },
    { plan, backend },
  )
}

/** `drawing`: it fails after a software GPU has compiled the shaders, so one of them stands for all with 'auto'. */
const failures: readonly { plan: WorkerPlan; what: string; name: string; words: RegExp; drawing?: true }[] = [
  {
    plan: 'rejectAdapter',
    what: 'the request for a GPU adapter rejects',
    name: 'NoWebGPU',
    words: /GPU process crashed/,
  },
  {
    plan: 'silentAdapter',
    what: 'the request for a GPU adapter is never answered',
    name: 'NoWebGPU',
    words: /no answer/,
  },
  { plan: 'refuseDevice', what: 'the GPU refuses a device', name: 'NoWebGPU', words: /too many devices/ },
  {
    plan: 'silentDevice',
    what: 'the request for a GPU device is never answered',
    name: 'NoWebGPU',
    words: /no answer/,
  },
  { plan: 'badShaders', what: "ONNX Runtime's shaders do not compile", name: 'ModelFailed', words: /./ },
  {
    plan: 'badBindings',
    what: 'the GPU refuses a step of our own kernels',
    name: 'ModelFailed',
    words: /refused a step/,
  },
  {
    plan: 'noGpuMemory',
    what: 'the GPU runs out of memory',
    name: 'OutOfMemory',
    words: /not enough memory.*1 GiB/,
    drawing: true,
  },
  {
    plan: 'nanVelocity',
    what: 'the denoiser answers NaN on the GPU',
    name: 'ModelFailed',
    words: /NaN/,
    drawing: true,
  },
]

for (const { plan, what, name, words, drawing } of failures) {
  test(`${what}: ${name} where WebGPU was asked for${drawing ? '' : "; 'auto' draws on WASM and says why"}`, async () => {
    const asked = await tryBackend(plan, 'webgpu')
    const failed = asked.drawn ?? asked.loaded
    expect(failed.end, failed.message).toBe(name)
    expect(failed.message).toMatch(words)
    if (drawing) {
      await recordFault(test.info(), {
        fault: what,
        expected: `${name} with the reason, no picture, and no loss of the GPU`,
        result: ends([failed]),
        promisesPending: pending([failed]),
        ms: msSince(asked.started, [failed]),
      })
      return
    }
    const auto = await tryBackend(plan, 'auto')
    expect(auto.drawn, auto.loaded.message).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
    expect(auto.backend?.name).toBe('wasm')
    expect(auto.backend?.reason).toMatch(words)
    await recordFault(test.info(), {
      fault: what,
      expected: `backend 'webgpu': ${name} with the reason, no picture; 'auto': WASM's picture, and why`,
      result: `${ends([failed])}; then the same picture on ${auto.backend?.name}`,
      promisesPending: pending([failed, auto.drawn as Outcome]),
      latentsAlive: auto.drawn?.live ?? 0,
      ms: msSince(asked.started, [failed]),
    })
  })
}

test("ONNX Runtime's .wasm for WebGPU is missing: 'auto' draws on WASM; both missing: an error that names both", async () => {
  await page.route(/threaded\.(jspi|asyncify).*\.wasm/, (route) => route.abort())
  const auto = await tryBackend('realGpu', 'auto')
  expect(auto.drawn, auto.loaded.message).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  expect(auto.backend?.reason).toMatch(/ONNX Runtime could not be started .*(jspi|asyncify)/)
  await page.route(/threaded.*\.wasm/, (route) => route.abort())
  const none = await tryBackend('realGpu', 'auto')
  await page.unrouteAll()
  expect(none.loaded.end).toBe('DownloadFailed')
  expect(none.loaded.message).toContain('could not be started for wasm')
  expect(none.loaded.message).toMatch(/on the GPU: ONNX Runtime could not be started .*(jspi|asyncify)/)
  await recordFault(test.info(), {
    fault: "ONNX Runtime's .wasm for WebGPU is missing, and then the one for WASM as well",
    expected: "'auto': WASM's picture, and why; then DownloadFailed with both reasons",
    result: `the same picture on ${auto.backend?.name}; then ${ends([none.loaded])} with both`,
    promisesPending: pending([auto.drawn as Outcome, none.loaded]),
    latentsAlive: auto.drawn?.live ?? 0,
    ms: msSince(none.started, [none.loaded]),
  })
})

for (const how of ['is missing', 'never comes'] as const) {
  test(`a script of the engine ${how}: DownloadFailed that names it, and the next engine draws`, async () => {
    await page.route(/model\/cpu-platform\.ts/, (route) => (how === 'is missing' ? route.abort() : undefined))
    const { failed, started } = await page.evaluate(async () => {
      const { createEngine, outcome } = window.faults
      const started = performance.now()
      return { started, failed: await outcome(createEngine({}, ['impatient'])) }
    })
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    expect(failed.end, failed.message).toBe('DownloadFailed')
    expect(failed.message).toContain('cpu-platform')
    const next = await tryBackend('sound', 'auto')
    expect(next.drawn).toMatchObject({ end: 'drawn', picture: sound })
    await recordFault(test.info(), {
      fault: `a script that the engine loads later ${how}`,
      expected: 'DownloadFailed that names it; the next engine draws the same picture',
      result: `${ends([failed])}; then the same picture`,
      promisesPending: pending([failed]),
      ms: msSince(started, [failed]),
    })
  })
}

test("the worker's script never comes: WorkerCrashed with the reason", async () => {
  await page.route(/faulty-worker\.ts/, () => undefined)
  const { failed, started } = await page.evaluate(async () => {
    const { createEngine, outcome, waits } = window.faults
    const { workerMs } = waits
    waits.workerMs = 1_000
    const started = performance.now()
    const failed = await outcome(createEngine())
    waits.workerMs = workerMs
    return { started, failed }
  })
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  expect(failed.end).toBe('WorkerCrashed')
  expect(failed.message).toContain('its script did not start, no answer for 1 s')
  await recordFault(test.info(), {
    fault: "the worker's script never comes",
    expected: 'WorkerCrashed that says so, after the wait of the engine (1 s here)',
    result: ends([failed]),
    promisesPending: pending([failed]),
    ms: msSince(started, [failed]),
  })
})

test('a drawing that computes for ever is cancelled: AbortError, and the next call draws', async () => {
  const { failed, queued, next, aborted } = await page.evaluate(async () => {
    const { long, outcome, request, waits, order } = window.faults
    const { stopMs } = waits
    waits.stopMs = 1_000
    const stop = new AbortController()
    let aborted = 0
    function onScale({ index }: { index: number }): void {
      if (index !== 1) return
      order('hang')
      setTimeout(() => {
        aborted = performance.now()
        stop.abort()
      }, 100)
    }
    const calls = [window.engine.generate({ ...long, signal: stop.signal, onScale }), window.engine.generate(request)]
    const [failed, queued] = (await Promise.all(calls.map((call) => outcome(call)))) as [Outcome, Outcome]
    waits.stopMs = stopMs
    return { failed, queued, aborted, next: await outcome(window.engine.generate(request)) }
  })
  expect(failed.end).toBe('AbortError')
  expect(queued.end).toBe('WorkerCrashed')
  expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  await recordFault(test.info(), {
    fault: 'a drawing that computes for ever is cancelled, another is queued behind it',
    expected:
      'AbortError, and WorkerCrashed for the queued one, after the wait (1 s here); the next call draws the same picture',
    result: `${ends([failed])}, ${ends([queued])}; then the same picture`,
    promisesPending: pending([failed, queued, next]),
    latentsAlive: next.live,
    ms: msSince(aborted, [failed]),
  })
})

async function openOldPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext()
  await context.addInitScript(() => {
    Reflect.deleteProperty(AbortSignal, 'any')
    Reflect.deleteProperty(Promise, 'withResolvers')
    Reflect.deleteProperty(Symbol, 'asyncDispose')
  })
  return openFaultyPage(Object.assign(Object.create(browser), { newPage: () => context.newPage() }))
}

test('a browser without AbortSignal.any draws, streams, cancels and draws again', async ({ browser }) => {
  const old = await openOldPage(browser)
  const found = await old.evaluate(async () => {
    const { createEngine, outcome, request, long } = window.faults
    const engine = await createEngine({ signal: new AbortController().signal }, ['oldBrowser'])
    const first = await outcome(engine.generate({ ...request, signal: new AbortController().signal }))
    const scales: number[] = []
    for await (const { index } of engine.stream({ ...request, signal: new AbortController().signal }))
      scales.push(index)
    const stop = new AbortController()
    const stopped = await outcome(engine.generate({ ...long, signal: stop.signal, onScale: () => stop.abort() }))
    const early = new AbortController()
    setTimeout(() => early.abort(), 20)
    const loading = await outcome(createEngine({ signal: early.signal }, ['oldBrowser']))
    const any = 'any' in AbortSignal
    return { any, first, scales, stopped, loading, next: await outcome(engine.generate(request)) }
  })
  await old.context().close()
  expect(found.any).toBe(false)
  expect(found.first).toMatchObject({ end: 'drawn', picture: sound })
  expect(found.scales).toEqual([0, 1])
  expect([found.stopped.end, found.loading.end]).toEqual(['AbortError', 'AbortError'])
  expect(found.next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  await recordFault(test.info(), {
    fault: 'a browser without AbortSignal.any (Chrome 113 to 115, Safari before 17.4)',
    expected: 'the same pictures; AbortError for what is cancelled',
    result: `the same pictures; ${ends([found.stopped, found.loading])}`,
    promisesPending: pending([found.first, found.stopped, found.loading, found.next]),
    latentsAlive: found.next.live,
  })
})

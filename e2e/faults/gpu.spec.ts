import { expect, type Page, test } from '@playwright/test'
import type { ScaleSchedule } from '../../src/index'
import { recordFault } from '../testing/reliability'
import { ends, msSince, openFaultyPage, pending } from './setup'

/** The GPU goes away, or was never there. Real WebGPU; a device that is destroyed is lost as by a driver's reset. */
test.describe.configure({ mode: 'serial' })
// A software GPU compiles the shaders again for every worker: 10 s alone, and slower in company.
test.setTimeout(240_000)

const LIMIT_MS = 200_000

let page: Page
/** The usual request's picture. */
let sound: string

test.beforeAll(async ({ browser }) => {
  page = await openFaultyPage(browser)
})

test.afterAll(() => page.close())

/** Draws the usual request, or one of so many steps, and records its events. */
function drawAndListen(steps?: number) {
  return page.evaluate(
    async ({ limit, steps }) => {
      window.faults.scales = 0
      const { outcome, request, long } = window.faults
      const schedule = (steps === undefined ? request : long).schedule.slice(0, steps) as unknown as ScaleSchedule
      const reasons: string[] = []
      const scales: number[] = []
      const started = performance.now()
      const drawn = await outcome(
        window.engine.generate({
          ...request,
          schedule,
          onScale: ({ index }) => {
            scales.push(index)
            window.faults.scales = scales.length
          },
          onProgress: (event) => event.stage === 'recovering' && reasons.push(event.reason),
        }),
        limit,
      )
      return { drawn, reasons, scales, started }
    },
    { limit: LIMIT_MS, steps },
  )
}

test('the GPU is lost while loading: one rebuild at the first call, which draws', async () => {
  const backend = await page.evaluate(async () => {
    // One plan a worker; each loss in these tests leads to the next.
    const plans = ['loseLoading', 'sound', 'sound', 'loseDrawing', 'sound'] as const
    window.engine = await window.faults.createEngine({ backend: 'webgpu' }, plans)
    return window.engine.backend.name
  })
  expect(backend).toBe('webgpu')
  const { drawn, reasons, scales, started } = await drawAndListen()
  expect(reasons).toHaveLength(1)
  expect(reasons[0]).toContain('The GPU went away')
  expect(scales).toEqual([0, 1])
  expect(drawn).toMatchObject({ end: 'drawn', live: 0 })
  sound = drawn.picture
  await recordFault(test.info(), {
    fault: 'the GPU is lost while the model is loaded',
    expected: 'one `recovering` event at the first call, a rebuild from the store, a picture',
    result: `${reasons.length} recovering; ${ends([drawn])}`,
    promisesPending: pending([drawn]),
    latentsAlive: drawn.live,
    ms: msSince(started, [drawn]),
  })
})

test('the GPU is lost at the second scale: one rebuild, and the same picture', async () => {
  await page.evaluate(() => window.faults.ask('loseDrawing'))
  const { drawn, reasons, scales, started } = await drawAndListen()
  expect(reasons).toHaveLength(1)
  expect(scales).toEqual([0, 0, 1])
  expect(drawn).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  await recordFault(test.info(), {
    fault: 'the GPU is lost at the second scale',
    expected: 'one `recovering` event, a rebuild from the store, the same picture',
    result: `${reasons.length} recovering; the same picture`,
    promisesPending: pending([drawn]),
    latentsAlive: drawn.live,
    ms: msSince(started, [drawn]),
  })
})

test('the GPU is lost while idle, and again in the call that rebuilds: DeviceLost, and the next call draws', async () => {
  await page.evaluate(() => window.faults.ask('lose'))
  const { drawn, reasons, scales, started } = await drawAndListen()
  expect(drawn.end).toBe('DeviceLost')
  expect(drawn.message).toContain("backend: 'wasm'")
  expect(reasons).toHaveLength(1)
  expect(scales).toEqual([0])
  const { drawn: next, reasons: later } = await drawAndListen()
  expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
  expect(later).toEqual([])
  await recordFault(test.info(), {
    fault: 'the GPU is lost between two pictures, and again in the call that rebuilds',
    expected: 'one `recovering` event, then DeviceLost; the next call draws the same picture',
    result: `${reasons.length} recovering, ${ends([drawn])}; then the same picture`,
    promisesPending: pending([drawn, next]),
    latentsAlive: next.live,
    ms: msSince(started, [drawn]),
  })
})

test("the browser's GPU process dies in the middle of a picture: one rebuild, and the same picture", async ({
  browser,
}) => {
  const session = await browser.newBrowserCDPSession()
  const drawing = drawAndListen(100)
  await page.waitForFunction(() => window.faults.scales > 2)
  await session.send('Browser.crashGpuProcess')
  const { drawn, reasons, scales, started } = await drawing
  expect(reasons).toHaveLength(1)
  expect(scales.length).toBeGreaterThan(100)
  expect(drawn).toMatchObject({ end: 'drawn', live: 0 })
  const { drawn: again, reasons: later } = await drawAndListen(100)
  expect(again).toMatchObject({ end: 'drawn', picture: drawn.picture, live: 0 })
  expect(later).toEqual([])
  await recordFault(test.info(), {
    fault: "the browser's GPU process dies in the middle of a picture",
    expected: 'one `recovering` event, a rebuild from the store, the same picture',
    result: `${reasons.length} recovering; the same picture`,
    promisesPending: pending([drawn, again]),
    latentsAlive: again.live,
    ms: msSince(started, [drawn]),
  })
})

for (const plan of ['noAdapter', 'noGpu'] as const) {
  const what = plan === 'noGpu' ? 'a browser without WebGPU' : 'no GPU adapter'
  test(`${what}: NoWebGPU where it was asked for, else WASM, and it says why`, async () => {
    const { refused, report, drawn, started } = await page.evaluate(async (each) => {
      const { createEngine, outcome, request } = window.faults
      const started = performance.now()
      const refused = await outcome(createEngine({ backend: 'webgpu' }, [each]))
      const engine = await createEngine({ backend: 'auto' }, [each])
      const drawn = await outcome(engine.generate(request))
      await engine.dispose()
      return { refused, report: engine.backend, drawn, started }
    }, plan)
    expect(refused.end).toBe('NoWebGPU')
    expect(refused.message).toContain('WASM backend')
    expect(report.name).toBe('wasm')
    expect(report.reason).toContain('WebGPU')
    expect(drawn).toMatchObject({ end: 'drawn', live: 0 })
    await recordFault(test.info(), {
      fault: what,
      expected: "backend 'webgpu': NoWebGPU; 'auto': draws on WASM and says why",
      result: `${ends([refused])}; drew on ${report.name}: “${report.reason}”`,
      promisesPending: pending([refused, drawn]),
      latentsAlive: drawn.live,
      ms: msSince(started, [refused]),
    })
  })
}

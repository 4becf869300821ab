import { expect, type Page, test } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { type HeapMeter, openHeapMeter } from './heap'
import { openFaultyPage } from './setup'
import type { Measured } from './worker-orders'

/** Many pictures in a row with aborts and errors mixed in: every picture right, and nothing grows. */

test.setTimeout(300_000)

/**
 * Bytes that a heap may grow by after the warm-up. The engine's code is still being optimised then: up to 260 KB were
 * measured, and nothing more after some hundred calls. One picture left behind a call on WASM would be 1.6 MB.
 */
const HEAP_SLACK = 512 * 1024

const runs = [
  { backend: 'wasm', warmUp: 100, calls: 200, last: 8 },
  // A software GPU takes a second per picture, and compiles for every size it meets.
  { backend: 'webgpu', warmUp: 15, calls: 45, last: 4 },
] as const

interface Soaked {
  readonly counts: Readonly<Record<string, number>>
  /** What was not as it should be, in words. */
  readonly wrong: readonly string[]
  readonly live: number
  /** One per seed. */
  readonly pictures: Record<number, string>
}

/**
 * Draws calls `from` to `to` one after the other, up to `last` latent cells: every 15th is invalid, every other 10th
 * aborted.
 */
function soak(page: Page, from: number, to: number, last: number, pictures: Soaked['pictures'] = {}): Promise<Soaked> {
  return page.evaluate(
    async ({ from, to, last, pictures }) => {
      const { long, outcome } = window.faults
      const [first] = window.faults.request.schedule
      const request = { ...window.faults.request, schedule: [first, { size: last, sigma: 0.6 }] } as const
      const { engine } = window
      const counts: Record<string, number> = {}
      const wrong: string[] = []
      let alive = 0
      for (let call = from; call <= to; call++) {
        const seed = call % 5
        const stop = new AbortController()
        const invalid = call % 15 === 0
        const aborted = !invalid && call % 10 === 0
        const drawing = invalid
          ? engine.generate({ ...request, seed: -1 })
          : aborted
            ? engine.generate({ ...long, signal: stop.signal, onScale: () => stop.abort() })
            : engine.generate({ ...request, seed, onScale() {} })
        const { end, message, live, picture } = await outcome(drawing, 120_000)
        counts[end] = (counts[end] ?? 0) + 1
        const expected = invalid ? 'InvalidSeed' : aborted ? 'AbortError' : 'drawn'
        if (end !== expected) wrong.push(`call ${call} ended with ${end}: ${message}`)
        if (end !== 'drawn') continue
        alive = Math.max(alive, live)
        pictures[seed] ??= picture
        if (pictures[seed] !== picture) wrong.push(`call ${call} drew another picture than before`)
      }
      if (new Set(Object.values(pictures)).size !== 5) wrong.push('different seeds drew the same picture')
      return { counts, wrong, live: alive, pictures }
    },
    { from, to, last, pictures },
  )
}

interface Held extends Measured {
  readonly page: number
  readonly worker: number
}

async function measure(page: Page, heap: HeapMeter): Promise<Held> {
  const [ofPage, worker] = [await heap.page(), await heap.worker()]
  return { ...(await page.evaluate(() => window.faults.ask('measure'))), page: ofPage, worker }
}

for (const { backend, warmUp, calls, last } of runs) {
  test(`${calls} generations on ${backend}`, async ({ browser }) => {
    const page = await openFaultyPage(browser)
    const heap = await openHeapMeter(page)
    await page.evaluate(async (wanted) => {
      window.engine = await window.faults.createEngine({ backend: wanted })
    }, backend)
    const started = performance.now()
    const first = await soak(page, 1, warmUp, last)
    const before = await measure(page, heap)
    const rest = await soak(page, warmUp + 1, calls, last, first.pictures)
    const after = await measure(page, heap)
    const ms = performance.now() - started
    await page.close()

    expect([...first.wrong, ...rest.wrong]).toEqual([])
    expect(Math.max(first.live, rest.live)).toBe(0)
    expect(after.buffers).toBeLessThanOrEqual(before.buffers)
    expect(after.wasm).toBe(before.wasm)
    const growth = { page: after.page - before.page, worker: after.worker - before.worker }
    expect(growth.page).toBeLessThan(HEAP_SLACK)
    expect(growth.worker).toBeLessThan(HEAP_SLACK)

    const count = (end: string) => (first.counts[end] ?? 0) + (rest.counts[end] ?? 0)
    await recordFault(test.info(), {
      fault: `${calls} calls in a row on ${backend}: ${count('AbortError')} aborted, ${count('InvalidSeed')} invalid`,
      expected: `every picture right; GPU buffers, WASM memory and JS heap flat after ${warmUp} calls`,
      result:
        `${count('drawn')} drawn; GPU buffers ${before.buffers} → ${after.buffers}, ` +
        `WASM ${megabytes(before.wasm)} → ${megabytes(after.wasm)}, ` +
        `worker's heap ${megabytes(before.worker)} → ${megabytes(after.worker)}, ` +
        `page's heap ${megabytes(before.page)} → ${megabytes(after.page)}`,
      promisesPending: count('pending'),
      latentsAlive: Math.max(first.live, rest.live),
      ms,
    })
  })
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MB`
}

import { expect, test } from '@playwright/test'
import { source, worstDifference } from '../testing/pages'

/** models/tiny-sd35: three text encoders, weights in shards, `residency: 'in turn'`; random weights. */
test.setTimeout(300_000)

const request = {
  prompt: 'a red apple',
  seed: 7,
  schedule: [
    { size: 8, sigma: 1 },
    { size: 12, sigma: 0.7 },
  ],
} as const

test('a model by turns: a GPU device for each phase, and pictures as on WASM', async ({ page }) => {
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
  const { log, pictures, live } = await page.evaluate(async (request) => {
    const log: string[] = []
    new BroadcastChannel('watched-gpu').addEventListener('message', ({ data }) => log.push(data))
    const engine = await window.scalewise.createEngine({
      model: '/models/tiny-sd35/',
      backend: 'webgpu',
      worker: () => new Worker('/e2e/library/watched-worker.ts', { type: 'module' }),
    })
    const first = await engine.generate(request)
    const again = await engine.generate(request)
    log.push('another prompt')
    const other = await engine.generate({ ...request, prompt: 'a blue car' })
    await engine.dispose()
    const cpu = await window.scalewise.createEngine({ model: '/models/tiny-sd35/', backend: 'wasm' })
    const wasm = await cpu.generate(request)
    await cpu.dispose()
    const results = [first, again, other, wasm]
    return {
      log,
      pictures: results.map(({ image }) => Array.from(image.data)),
      live: results.map(({ stats }) => stats.live),
    }
  }, request)
  // The device that reads prompts is gone before the one that draws is asked for, and the other way round.
  expect(log).toEqual([
    ...['request 1', 'destroy 1 with weights', 'request 2', 'another prompt'],
    ...['destroy 2 with weights', 'request 3', 'destroy 3 with weights', 'request 4'],
  ])
  const [first, again, other, wasm] = pictures as [number[], number[], number[], number[]]
  expect(live).toEqual([0, 0, 0, 0])
  expect(again).toEqual(first)
  expect(worstDifference(other, first)).toBeGreaterThan(20)
  expect(first.length).toBe(4 * 96 * 96)
  console.log(`in turn, WebGPU against WASM: ${worstDifference(first, wasm)} of 255 at worst`)
  expect(worstDifference(first, wasm)).toBeLessThanOrEqual(8)
})

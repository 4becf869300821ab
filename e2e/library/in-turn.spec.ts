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

test('prompts that queue take turns with the phases, and each gets its own picture', async ({ page }) => {
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
  const { alone, queued, live } = await page.evaluate(async (request) => {
    const engine = await window.scalewise.createEngine({ model: '/models/tiny-sd35/', backend: 'wasm' })
    const other = { ...request, prompt: 'a blue car' }
    const another = { ...request, seed: 8 }
    const alone = []
    for (const each of [request, other, another]) alone.push(await engine.generate(each))
    const queued = await Promise.all([request, other, another].map((each) => engine.generate(each)))
    await engine.dispose()
    const bytes = (results: typeof queued) => results.map(({ image }) => image.data.join())
    return { alone: bytes(alone), queued: bytes(queued), live: queued.map(({ stats }) => stats.live) }
  }, request)
  expect(queued).toEqual(alone)
  expect(new Set(queued).size).toBe(3)
  expect(live).toEqual([0, 0, 0])
})

test('a size that the model has no positions for is refused before a device is asked for', async ({ page }) => {
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
  const { log, maxSize, maxSide, refusals, sides } = await page.evaluate(async (request) => {
    const log: string[] = []
    new BroadcastChannel('watched-gpu').addEventListener('message', ({ data }) => log.push(data))
    const model = '/models/tiny-sd35/'
    const report = await window.scalewise.probe({ model })
    const engine = await window.scalewise.createEngine({
      model,
      backend: 'webgpu',
      worker: () => new Worker('/e2e/library/watched-worker.ts', { type: 'module' }),
    })
    const steps = (size: number | readonly [number, number]) => [request.schedule[0], { size, sigma: 0.7 }] as const
    const refusals = []
    for (const size of [56, [50, 48], [8, 50]] as const) {
      refusals.push(await window.failure(engine.generate({ ...request, count: 2, schedule: steps(size) })))
    }
    const asked = [...log]
    const { image } = await engine.generate({ ...request, schedule: steps([8, 48]) })
    await engine.dispose()
    const { maxSize } = engine.model
    return { log: asked, maxSize, maxSide: report.model?.maxSide, refusals, sides: [image.width, image.height] }
  }, request)
  expect([maxSize, maxSide]).toEqual([48, 384])
  expect(log).toEqual(['request 1']) // Which createEngine chose the backend by.
  for (const { name, message } of refusals) {
    expect(name).toBe('InvalidSchedule')
    expect(message).toMatch(/^Step 2 has size 5[06]\. Give a multiple of 2 from 2 to 48 latent cells\.$/)
  }
  expect(refusals).toHaveLength(3)
  expect(sides).toEqual([384, 64])
})

for (const phase of ['text', 'denoise', 'decode'] as const) {
  test(`the GPU is lost while it is at '${phase}': told once, the same picture, and no device is left`, async ({
    page,
  }) => {
    await page.goto(`${source}/e2e/testing/harness.html`)
    await page.waitForFunction(() => 'scalewise' in window)
    const { log, same, reasons, live } = await page.evaluate(
      async ({ request, phase }) => {
        const log: string[] = []
        const channel = new BroadcastChannel('watched-gpu')
        channel.addEventListener('message', ({ data }) => log.push(data))
        const engine = await window.scalewise.createEngine({
          model: '/models/tiny-sd35/',
          backend: 'webgpu',
          worker: () => new Worker('/e2e/library/watched-worker.ts', { type: 'module' }),
        })
        const reasons: string[] = []
        let lost = false
        const disturbed = await engine.generate({
          ...request,
          onProgress(event) {
            if (event.stage === 'recovering') reasons.push(event.reason)
            if (event.stage !== phase || lost) return
            lost = true
            channel.postMessage('lose')
          },
        })
        const sound = await engine.generate(request)
        await engine.dispose()
        const same = disturbed.image.data.join() === sound.image.data.join()
        return { log, same, reasons, live: [disturbed.stats.live, sound.stats.live] }
      },
      { request, phase },
    )
    expect(log.filter((line) => line.startsWith('lost'))).toHaveLength(1)
    expect(same).toBe(true)
    expect(reasons).toHaveLength(1)
    expect(live).toEqual([0, 0])
  })
}

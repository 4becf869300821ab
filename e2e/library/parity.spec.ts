import { expect, test } from '@playwright/test'
import { source } from '../testing/pages'

// SwiftShader compiles three graphs' shaders for every size (15 s) and runs ten million parameters at 2 s a step.
test.setTimeout(300_000)

/** PLATFORM: SwiftShader's sine and cosine put ONNX Runtime's WebGPU about 1e-4 away from PyTorch. */
const TOLERANCE = 1e-3

for (const name of ['tiny', 'emoji']) {
  test(`models/${name} on WebGPU agrees with PyTorch at every scale, in its pixels and over the whole loop`, async ({
    page,
  }) => {
    await page.goto(`${source}/e2e/testing/harness.html`)
    const found = await page.evaluate(async (model) => {
      const path = '/e2e/library/parity.ts'
      const { parityOnWebGPU } = (await import(path)) as typeof import('./parity')
      return parityOnWebGPU(model)
    }, name)
    console.log(`${name} on WebGPU, relative L2: ${JSON.stringify(found)}`)
    expect(found.states).toBeLessThan(TOLERANCE)
    for (const velocity of found.velocities) expect(velocity).toBeLessThan(TOLERANCE)
    expect(found.picture).toBeLessThan(TOLERANCE)
    expect(found.loop).toBeLessThan(TOLERANCE)
    expect(found.live).toBe(0)
  })
}

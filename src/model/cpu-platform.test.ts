import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { findModel, loadModel } from '../cli/model'
import { loadOrt } from '../runtime/ort'
import { createCpuPlatform } from './cpu-platform'

const shape = { batch: 1, channels: 4, height: 8, width: 8 }

it('makes latents of ORT’s outputs without a copy', async () => {
  const ort = await loadOrt()
  const { bridge, kernels } = createCpuPlatform(ort, { name: 'wasm', reason: '' })
  const numbers = new Float32Array(256).fill(3)
  const latent = bridge.output(new ort.Tensor('float32', numbers, [1, 4, 8, 8]), shape)
  expect(latent.data).toBe(numbers)
  expect(bridge.input(latent).data).toBe(numbers)
  kernels.free(latent)
})

it('keeps an output as it is while the same session runs again: ORT does not write to what it handed out', async () => {
  const { decoder, kernels, manifest } = await loadModel(
    await findModel(fileURLToPath(new URL('../../models/tiny', import.meta.url))),
  )
  const latentShape = { ...shape, channels: manifest.denoiser.latentChannels }
  const latents = [1n, 2n, 3n].map((seed) => kernels.noise(latentShape, { seeds: [seed], step: 0 }))
  const first = await decoder.decode(latents[0] as (typeof latents)[number])
  const before = first.data.slice()
  for (const latent of latents.slice(1)) {
    const other = await decoder.decode(latent)
    expect(other.data).not.toEqual(before)
    expect(other.data.buffer).not.toBe(first.data.buffer)
    kernels.free(other)
  }
  expect(first.data).toEqual(before)
  expect(first.data.byteLength).toBe(first.data.buffer.byteLength)
})

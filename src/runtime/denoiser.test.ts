import { describe, expect, it } from 'vitest'
import { CpuKernels } from '../kernels/cpu'
import type { Conditioning } from '../types'
import { createCpuBridge } from './cpu-bridge'
import { OrtDenoiser } from './denoiser'
import { loadOrt, type Session, type Tensor } from './ort'

const numbers = (tensor: Tensor | undefined) => [...((tensor?.data ?? []) as Float32Array)]
const signature = { latent: 'y', timestep: 't', output: 'v', timestepScale: 1000 }
const shape = { batch: 3, channels: 1, height: 2, width: 2 }

async function setUp() {
  const ort = await loadOrt()
  const kernels = new CpuKernels()
  const fed: Record<string, Tensor>[] = []
  let constants = 0
  const bridge = createCpuBridge(ort, (data, size) => kernels.upload(data, size))
  const counting: typeof bridge = {
    ...bridge,
    constant(...args) {
      constants++
      return bridge.constant(...args)
    },
  }
  const session = {
    async run(feeds: Record<string, Tensor>) {
      fed.push({ ...feeds })
      return { v: new ort.Tensor('float32', Float32Array.from(numbers(feeds.y)), feeds.y?.dims) }
    },
  } as unknown as Session
  const denoiser = new OrtDenoiser(ort, session, counting, signature)
  const latent = kernels.noise(shape, { seeds: [1n, 2n, 3n], step: 0 })
  return { denoiser, latent, fed, uploads: () => constants }
}

const conditioning: Conditioning = {
  tensors: {
    states: { dims: [1, 2, 2], data: Float32Array.of(1, 2, 3, 4) },
    pooled: { dims: [1, 2], data: Float32Array.of(5, 6) },
  },
  tokens: 2,
  warnings: [],
}

describe('OrtDenoiser', () => {
  it('feeds every tensor under its own name, repeated for the batch', async () => {
    const { denoiser, latent, fed } = await setUp()
    await denoiser.velocity(latent, 0.75, conditioning)
    const [feeds] = fed as [Record<string, Tensor>]
    expect(Object.keys(feeds).sort()).toEqual(['pooled', 'states', 't', 'y'])
    expect(feeds.states?.dims).toEqual([3, 2, 2])
    expect(numbers(feeds.states)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    expect(feeds.pooled?.dims).toEqual([3, 2])
    expect(numbers(feeds.pooled)).toEqual([5, 6, 5, 6, 5, 6])
    expect(numbers(feeds.t)).toEqual([750, 750, 750])
  })

  it('uploads a conditioning once for all steps, and again for another batch or prompt', async () => {
    const { denoiser, latent, uploads } = await setUp()
    for (const sigma of [1, 0.9, 0.5]) await denoiser.velocity(latent, sigma, conditioning)
    expect(uploads()).toBe(2)
    await denoiser.velocity(latent, 1, { ...conditioning })
    expect(uploads()).toBe(4)
    await denoiser.velocity(
      { ...latent, data: latent.data.slice(0, 4), shape: { ...shape, batch: 1 } },
      1,
      conditioning,
    )
    expect(uploads()).toBe(6)
  })

  it('takes sigma as float32, as trained schedules are, before it is scaled', async () => {
    const { denoiser, latent, fed } = await setUp()
    await denoiser.velocity(latent, 0.6022, conditioning)
    // np.float32(1000 * float(np.float32(0.6022))); np.float32(1000 * 0.6022) is 602.2.
    expect(numbers(fed[0]?.t)[0]).toBe(Math.fround(602.19995))
  })
})

import { describe, expect, it } from 'vitest'
import { CpuKernels } from '../kernels/cpu'
import type { Picture } from '../types'
import { createCpuBridge } from './cpu-bridge'
import { loadOrt, type Session, type Tensor } from './ort'
import { OrtPictureEncoder } from './picture-encoder'

const numbers = (tensor: Tensor | undefined) => [...((tensor?.data ?? []) as Float32Array)]

/** A session that keeps what it was fed and answers with a latent of ones. */
async function setUp(channels: number) {
  const ort = await loadOrt()
  const kernels = new CpuKernels()
  const fed: Tensor[] = []
  const session = {
    async run({ picture }: Record<string, Tensor>) {
      const [batch = 0, , height = 0, width = 0] = picture?.dims ?? []
      fed.push(new ort.Tensor('float32', Float32Array.from(numbers(picture)), picture?.dims))
      const dims = [batch, 5, height / 2, width / 2]
      const elements = dims.reduce((product, side) => product * side)
      return { latent: new ort.Tensor('float32', new Float32Array(elements).fill(1), dims) }
    },
  } as unknown as Session
  const signature = { input: 'picture', output: 'latent', pixelsPerCell: 2, channels, latentChannels: 5 }
  const bridge = createCpuBridge(ort, (data, shape) => kernels.upload(data, shape))
  return { encoder: new OrtPictureEncoder(session, bridge, signature), kernels, fed }
}

/** 4 × 2 pixels: opaque red, half blue, invisible white, and the same in green. */
const picture: Picture = {
  width: 4,
  height: 2,
  data: Uint8ClampedArray.of(
    ...[255, 0, 0, 255, 0, 0, 255, 51, 255, 255, 255, 0, 102, 0, 0, 255],
    ...[0, 255, 0, 255, 0, 255, 0, 51, 0, 255, 0, 0, 0, 102, 0, 255],
  ),
}

describe('OrtPictureEncoder', () => {
  it('gives the graph planar colours premultiplied by alpha, and a latent of its cells', async () => {
    const { encoder, kernels, fed } = await setUp(4)
    const latent = await encoder.encode(picture, [1, 2])
    expect(latent.shape).toEqual({ batch: 1, channels: 5, height: 1, width: 2 })
    expect(fed[0]?.dims).toEqual([1, 4, 2, 4])
    const [red, green, blue, alpha] = [
      [1, 0, 0, 0.4, 0, 0, 0, 0],
      [0, 0, 0, 0, 1, 0.2, 0, 0.4],
      [0, 0.2, 0, 0, 0, 0, 0, 0],
      [1, 0.2, 0, 1, 1, 0.2, 0, 1],
    ] as const
    expect(numbers(fed[0])).toEqual([...red, ...green, ...blue, ...alpha].map(Math.fround))
    kernels.free(latent)
    expect(kernels.live).toBe(0)
  })

  it('leaves alpha out for models without it, and repeats a picture for a batch', async () => {
    const { encoder, fed } = await setUp(3)
    const { shape } = await encoder.encode(picture, [1, 2], 2)
    expect(shape).toEqual({ batch: 2, channels: 5, height: 1, width: 2 })
    expect(fed[0]?.dims).toEqual([2, 3, 2, 4])
    const pixels = numbers(fed[0])
    expect(pixels.slice(0, 8)).toEqual([1, 0, 1, 0.4, 0, 0, 0, 0].map(Math.fround))
    expect(pixels.slice(24)).toEqual(pixels.slice(0, 24))
  })

  it('refuses a picture of another size, and a graph that answers in another shape', async () => {
    const { encoder, kernels } = await setUp(4)
    await expect(encoder.encode(picture, [2, 2])).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('4×2 pixels, and 2×2 cells have 4×4'),
    })
    const wide = { width: 4, height: 4, data: new Uint8ClampedArray(64) }
    await expect(encoder.encode(wide, 2)).resolves.toMatchObject({ shape: { height: 2, width: 2 } })
    const wrong = new OrtPictureEncoder(
      { run: async () => ({}) } as unknown as Session,
      createCpuBridge(await loadOrt(), (data, shape) => kernels.upload(data, shape)),
      { input: 'picture', output: 'latent', pixelsPerCell: 2, channels: 4, latentChannels: 5 },
    )
    await expect(wrong.encode(picture, [1, 2])).rejects.toMatchObject({ name: 'ModelFailed' })
  })
})

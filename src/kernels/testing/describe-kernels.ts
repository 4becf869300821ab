import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kernels, Latent, LatentShape, NoiseKey } from '../../types'
import bicubic from '../golden/bicubic.json'
import noise from '../golden/noise.json'
import { expectClose } from './close'

/**
 * torch rounds source coordinates to float32 where ours are exact fractions: 1e-6 at 12 cells, times slopes up to 5.
 * Measured: 2.2e-6 on both implementations.
 */
const BICUBIC_TOLERANCE = 4e-6
/** float32 rounds at 2.4e-7 for |z| in 2..4, and the shader's logarithm, root and sine add as much. Measured: 4.8e-7. */
const NORMAL_TOLERANCE = 2e-6
/** One multiplication and one addition in float32 on numbers below 8. */
const ARITHMETIC_TOLERANCE = 1e-6

/** One suite for every implementation. `use` makes kernels, runs a test on them and frees what they stand on. */
export function describeKernels<L extends Latent>(
  name: string,
  use: (test: (kernels: Kernels<L>) => Promise<void>) => Promise<void>,
): void {
  /** A test on fresh kernels, at whose end no latent may be left. */
  const test = (title: string, body: (kernels: Kernels<L>) => Promise<void>): void =>
    it(title, () =>
      use(async (kernels) => {
        await body(kernels)
        expect(kernels.live).toBe(0)
      }),
    )

  async function take(kernels: Kernels<L>, latent: L): Promise<Float32Array> {
    const data = await kernels.read(latent)
    kernels.free(latent)
    return data
  }

  /** advance() with velocity 0 to sigma 0 is the bicubic resize alone. */
  async function resize(kernels: Kernels<L>, data: Float32Array, shape: LatentShape, size: readonly [number, number]) {
    const latent = kernels.upload(data, shape)
    const zero = kernels.upload(new Float32Array(data.length), shape)
    const from = { size: [shape.height, shape.width], sigma: 1 } as const
    const resized = kernels.advance(latent, zero, from, { size, sigma: 0 }, key(0n, 1))
    expect(resized.shape).toEqual({ ...shape, height: size[0], width: size[1] })
    kernels.free(latent)
    kernels.free(zero)
    return take(kernels, resized)
  }

  describe(`${name} kernels`, () => {
    test('resize as torch does', async (kernels) => {
      for (const { from, to, input, output } of bicubic.cases) {
        const [height, width] = from as [number, number]
        const shape = { batch: 1, channels: 2, height, width }
        const resized = await resize(kernels, Float32Array.from(input), shape, to as [number, number])
        expectClose(resized, output, BICUBIC_TOLERANCE)
      }
    })

    test('leave a latent of unchanged size untouched', async (kernels) => {
      const data = Float32Array.from({ length: 2 * 3 * 3 }, (_, i) => i / 7)
      const shape = { batch: 1, channels: 2, height: 3, width: 3 }
      expect(await resize(kernels, data, shape, [3, 3])).toEqual(data)
    })

    test('keep a constant constant at any size', async (kernels) => {
      const side = fc.integer({ min: 1, max: 12 })
      const cases = fc.tuple(side, side, side, side, fc.double({ min: -4, max: 4, noNaN: true }))
      await fc.assert(
        fc.asyncProperty(cases, async ([height, width, tall, wide, value]) => {
          const shape = { batch: 1, channels: 1, height, width }
          const resized = await resize(kernels, new Float32Array(height * width).fill(value), shape, [tall, wide])
          expectClose(resized, new Array(tall * wide).fill(Math.fround(value)), BICUBIC_TOLERANCE)
        }),
        { numRuns: 20 },
      )
    })

    test('draw the Gaussians of the reference generator', async (kernels) => {
      for (const { seed, step, normal } of noise.draws) {
        const latent = kernels.noise({ batch: 1, channels: 2, height: 3, width: 5 }, key(BigInt(seed), step))
        expectClose(await take(kernels, latent), normal, NORMAL_TOLERANCE)
      }
    })

    test('draw what torch draws on CUDA', async (kernels) => {
      const latent = kernels.noise({ batch: 1, channels: 1, height: 2, width: 2 }, key(0n, 0))
      expectClose(await take(kernels, latent), noise.cuda, NORMAL_TOLERANCE)
    })

    test('keep calls apart that are queued back to back', async (kernels) => {
      const shape = { batch: 1, channels: 2, height: 3, width: 5 }
      const latents = noise.draws.map(({ seed, step }) => kernels.noise(shape, key(BigInt(seed), step)))
      for (const [i, { normal }] of noise.draws.entries()) {
        expectClose(await take(kernels, latents[i] as L), normal, NORMAL_TOLERANCE)
      }
    })

    test('draw a standard normal distribution', async (kernels) => {
      const shape = { batch: 1, channels: 16, height: 64, width: 64 }
      const data = await take(kernels, kernels.noise(shape, key(123456789n, 2)))
      const moment = (power: number): number => data.reduce((sum, z) => sum + z ** power, 0) / data.length
      // Four standard errors of each moment's mean over 65,536 samples.
      expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / data.length))
      expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / data.length))
      expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / data.length))
    })

    test('draw the same image in any batch slot, in noise and in advance', async (kernels) => {
      const seeds = [5n, 2n ** 63n + 11n, 7n]
      const image = { channels: 3, height: 3, width: 2 }
      const step = { size: [3, 2], sigma: 1 } as const
      const next = { size: [4, 5], sigma: 0.8 } as const
      const draw = async (batch: readonly bigint[]): Promise<number[][]> => {
        const first = kernels.noise({ batch: batch.length, ...image }, { seeds: batch, step: 0 })
        const second = kernels.advance(first, first, step, next, { seeds: batch, step: 1 })
        const size = 3 * 4 * 5
        kernels.free(first)
        const data = await take(kernels, second)
        return batch.map((_, slot) => [...data.slice(slot * size, (slot + 1) * size)])
      }
      const [a, b, c] = await draw(seeds)
      expect(await draw([...seeds].reverse())).toEqual([c, b, a])
      expect(await draw([seeds[1] as bigint])).toEqual([b])
      expect(b).not.toEqual(a)
    })

    test('take x0 and renoise', async (kernels) => {
      const shape = { batch: 2, channels: 2, height: 2, width: 3 }
      const values = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i))
      const slopes = Float32Array.from({ length: 24 }, (_, i) => Math.cos(3 * i))
      const latent = kernels.upload(values, shape)
      const velocity = kernels.upload(slopes, shape)
      const seeds = [1n, 2n]
      const step = { size: [2, 3], sigma: 0.75 } as const
      const x0 = values.map((value, i) => value - 0.75 * (slopes[i] as number))
      expectClose(await take(kernels, kernels.predictX0(latent, velocity, step)), x0, ARITHMETIC_TOLERANCE)

      const fresh = await take(kernels, kernels.noise(shape, { seeds, step: 4 }))
      const noisy = x0.map((value, i) => 0.7 * value + 0.3 * (fresh[i] as number))
      const advanced = kernels.advance(latent, velocity, step, { size: [2, 3], sigma: 0.3 }, { seeds, step: 4 })
      expectClose(await take(kernels, advanced), noisy, ARITHMETIC_TOLERANCE)
      kernels.free(latent)
      kernels.free(velocity)
    })

    for (const bad of [Number.NaN, Infinity, -Infinity, 3e38]) {
      test(`tell a clean estimate of ${bad === 3e38 ? 'overflowing numbers' : bad}, and forget it with the picture`, async (kernels) => {
        const shape = { batch: 1, channels: 1, height: 2, width: 2 }
        const step = { size: 2, sigma: 1 }
        for (const call of ['predictX0', 'advance'] as const) {
          const latent = kernels.upload(Float32Array.of(1, 2, bad, 4), shape)
          const velocity = kernels.upload(Float32Array.of(1, 2, -bad, 4), shape)
          const drawn: L[] = []
          const draw = async () => {
            const next =
              call === 'predictX0'
                ? kernels.predictX0(latent, velocity, step)
                : kernels.advance(latent, velocity, step, { size: 3, sigma: 0.5 }, key(0n, 1))
            drawn.push(next)
            // What comes later may swallow it: the picture itself is finite.
            const picture = kernels.upload(Float32Array.of(0, 0, 0, 0), shape)
            drawn.push(picture)
            await kernels.read(picture)
          }
          await expect(draw()).rejects.toMatchObject({
            name: 'ModelFailed',
            message: expect.stringMatching(/NaN or infin/),
          })
          for (const each of [latent, velocity, ...drawn]) kernels.free(each)
        }
        const sound = kernels.noise(shape, key(0n, 0))
        expect((await take(kernels, sound)).every(Number.isFinite)).toBe(true)
      })
    }

    test('map a latent to clamped RGBA for a preview', async (kernels) => {
      const shape = { batch: 2, channels: 2, height: 1, width: 2 }
      const latent = kernels.upload(Float32Array.from([0.1, 0.2, 0.3, 0.4, -0.5, 0.6, 0.7, 9]), shape)
      const map = {
        matrix: [
          [1, 0],
          [0, 1],
          [0.5, -0.5],
          [0, 0],
        ],
        bias: [0, 0.25, 0.5, 1],
      }
      const rgba = kernels.preview(latent, map)
      expect(rgba.shape).toEqual({ ...shape, channels: 4 })
      const first = [0.1, 0.2, 0.55, 0.65, 0.4, 0.4, 1, 1]
      const second = [0, 0.6, 0.95, 1, 0, 0, 1, 1]
      expectClose(await take(kernels, rgba), [...first, ...second], ARITHMETIC_TOLERANCE)
      kernels.free(latent)
    })

    test('read back what was uploaded, as copies', async (kernels) => {
      const data = Float32Array.from([1, 2, 3, 4, 5])
      const latent = kernels.upload(data, { batch: 1, channels: 1, height: 1, width: 5 })
      data.fill(0)
      const read = await kernels.read(latent)
      expect([...read]).toEqual([1, 2, 3, 4, 5])
      read.fill(0)
      expect([...(await take(kernels, latent))]).toEqual([1, 2, 3, 4, 5])
    })

    test('refuse what does not fit', async (kernels) => {
      const shape = { batch: 1, channels: 1, height: 2, width: 2 }
      const latent = kernels.upload(new Float32Array(4), shape)
      const narrow = kernels.upload(new Float32Array(2), { ...shape, width: 1 })
      const step = { size: 2, sigma: 1 }
      expect(() => kernels.predictX0(latent, narrow, step)).toThrow(/1×1×2×2 with a velocity of 1×1×2×1/)
      expect(() => kernels.upload(new Float32Array(3), shape)).toThrow(/3 numbers/)
      kernels.free(latent)
      kernels.free(narrow)
      expect(() => kernels.free(latent)).toThrow(/freed already/)
      expect(() => kernels.predictX0(latent, latent, step)).toThrow(/freed already/)
      await expect(kernels.read(latent)).rejects.toThrow(/freed already/)
    })

    test('count live latents', async (kernels) => {
      const shape = { batch: 1, channels: 1, height: 2, width: 2 }
      const first = kernels.noise(shape, key(0n, 0))
      const second = kernels.predictX0(first, first, { size: 2, sigma: 0.5 })
      expect(kernels.live).toBe(2)
      kernels.free(first)
      expect(kernels.live).toBe(1)
      kernels.free(second)
    })
  })
}

function key(seed: bigint, step: number): NoiseKey {
  return { seeds: [seed], step }
}

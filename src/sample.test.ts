import { describe, expect, it } from 'vitest'
import { CpuKernels } from './kernels/cpu'
import golden from './kernels/golden/loop.json'
import { expectClose } from './kernels/testing/close'
import { withDevice } from './kernels/testing/dawn'
import { createGpuKernels } from './kernels/webgpu'
import { type SampleOptions, type ScaleEstimate, sample } from './sample'
import type { Conditioning, Denoiser, Kernels, Latent, ScaleSchedule } from './types'

const schedule = golden.schedule as unknown as ScaleSchedule
const options: SampleOptions = { schedule, channels: golden.channels, seeds: golden.seeds.map(BigInt) }
const text: Conditioning = { tensors: {}, tokens: 0, warnings: [] }

/** Velocities are recorded, so one resize and one renoise stand behind each latent. Measured: 9e-7 on both. */
const TOLERANCE = 4e-6

type Finished<L> = { estimates: number[]; x0: L }

/** Answers with the recorded velocities, and checks that the loop asks with the recorded latents. */
function recordedDenoiser<L extends Latent>(
  kernels: Kernels<L>,
  onStep = (_step: number) => {},
  first = 0,
): Denoiser<L> {
  let step = first
  return {
    async velocity(latent, sigma) {
      expect(sigma).toBe(schedule[step]?.sigma)
      expectClose(await kernels.read(latent), golden.latents[step] as number[], TOLERANCE)
      onStep(step)
      return kernels.upload(Float32Array.from(golden.velocities[step++] as number[]), latent.shape)
    },
  }
}

async function finish<L extends Latent>(
  scales: AsyncGenerator<ScaleEstimate<L>, L, void>,
  onEstimate: (estimate: ScaleEstimate<L>) => unknown = () => {},
): Promise<Finished<L>> {
  const estimates: number[] = []
  for (;;) {
    const { done, value } = await scales.next()
    if (done) return { estimates, x0: value }
    estimates.push(value.stepIndex)
    await onEstimate(value)
  }
}

function describeLoop<L extends Latent>(
  name: string,
  use: (test: (kernels: Kernels<L>) => Promise<void>) => Promise<void>,
): void {
  const test = (title: string, body: (kernels: Kernels<L>) => Promise<void>): void =>
    it(title, () =>
      use(async (kernels) => {
        await body(kernels)
        expect(kernels.live).toBe(0)
      }),
    )

  describe(`the scale loop on ${name} kernels`, () => {
    test('goes the way of the loop in training/export/golden.py', async (kernels) => {
      const { estimates, x0 } = await finish(sample(recordedDenoiser(kernels), kernels, text, options))
      expect(estimates).toEqual([0, 1, 2, 3])
      expect(kernels.live).toBe(1)
      expectClose(await kernels.read(x0), golden.x0, TOLERANCE)
      kernels.free(x0)
    })

    test('computes a clean estimate only when asked, and only once', async (kernels) => {
      const before = kernels.dispatches
      const plain = await finish(sample(recordedDenoiser(kernels), kernels, text, options))
      const quiet = kernels.dispatches - before
      let last: L | undefined
      const watched = await finish(sample(recordedDenoiser(kernels), kernels, text, options), (estimate) => {
        last = estimate.x0()
        expect(estimate.x0()).toBe(last)
      })
      expect(last).toBe(watched.x0)
      expect(await kernels.read(watched.x0)).toEqual(await kernels.read(plain.x0))
      if (quiet > 0) {
        // The first noise, three advances, one predictX0; the last estimate is the result itself.
        expect(quiet).toBe(schedule.length + 1)
        expect(kernels.dispatches - before - quiet).toBe(2 * schedule.length)
      }
      kernels.free(plain.x0)
      kernels.free(watched.x0)
    })

    test('holds one latent when it calls the denoiser, whatever came before', async (kernels) => {
      const held: number[] = []
      const denoiser = recordedDenoiser(kernels, () => held.push(kernels.live))
      const { x0 } = await finish(sample(denoiser, kernels, text, options), (estimate) => estimate.x0())
      expect(held).toEqual([1, 1, 1, 1])
      kernels.free(x0)
    })

    test('frees everything after an abort between scales, also in the last', async (kernels) => {
      for (const at of [0, 1, schedule.length - 1]) {
        const controller = new AbortController()
        const denoiser = recordedDenoiser(kernels, (step) => step === at && controller.abort())
        const scales = sample(denoiser, kernels, text, { ...options, signal: controller.signal })
        let estimates = 0
        const counted = finish(scales, (estimate) => estimate.x0() && estimates++)
        await expect(counted).rejects.toMatchObject({ name: 'AbortError' })
        expect(estimates).toBe(at) // none of the scale that was cancelled
        expect(kernels.live).toBe(0)
      }
    })

    test('does nothing under a signal that has fired, and stops when it fires during a preview', async (kernels) => {
      const signal = AbortSignal.abort()
      const before = kernels.dispatches
      await expect(finish(sample(recordedDenoiser(kernels), kernels, text, { ...options, signal }))).rejects.toThrow(
        'cancelled',
      )
      expect(kernels.dispatches).toBe(before)

      const controller = new AbortController()
      const asked: number[] = []
      const denoiser = recordedDenoiser(kernels, (step) => asked.push(step))
      const scales = sample(denoiser, kernels, text, { ...options, signal: controller.signal })
      await expect(finish(scales, () => controller.abort())).rejects.toMatchObject({ name: 'AbortError' })
      expect(asked).toEqual([0])
    })

    test('frees everything when the consumer stops early', async (kernels) => {
      for await (const estimate of sample(recordedDenoiser(kernels), kernels, text, options)) {
        estimate.x0()
        if (estimate.stepIndex === 2) break
      }
    })

    test('frees everything when the denoiser throws or answers in another shape', async (kernels) => {
      const failing = recordedDenoiser(kernels, (step) => {
        if (step === 2) throw new Error('out of memory')
      })
      await expect(finish(sample(failing, kernels, text, options))).rejects.toThrow('out of memory')
      expect(kernels.live).toBe(0)
      const wrong: Denoiser<L> = {
        velocity: async () => kernels.upload(new Float32Array(1), { batch: 1, channels: 1, height: 1, width: 1 }),
      }
      await expect(finish(sample(wrong, kernels, text, options))).rejects.toMatchObject({ name: 'ModelFailed' })
    })

    test('refuses an estimate of a scale that has passed', async (kernels) => {
      const scales = sample(recordedDenoiser(kernels), kernels, text, options)
      const first = await scales.next()
      await scales.next()
      expect(() => !first.done && first.value.x0()).toThrow(/freed already/)
      await scales.return(undefined as never)
    })

    test('continues from a recorded x0 to the same bits, as if it had never stopped', async (kernels) => {
      const seen: Float32Array[] = []
      const latents = (first = 0): Denoiser<L> => {
        const denoiser = recordedDenoiser(kernels, () => {}, first)
        return {
          async velocity(latent, ...rest) {
            seen.push(await kernels.read(latent))
            return denoiser.velocity(latent, ...rest)
          },
        }
      }
      const estimates: { data: Float32Array; shape: L['shape'] }[] = []
      const whole = await finish(sample(latents(), kernels, text, options), async (estimate) => {
        const x0 = estimate.x0()
        estimates.push({ data: await kernels.read(x0), shape: x0.shape })
      })
      const expected = await kernels.read(whole.x0)
      kernels.free(whole.x0)
      const before = seen.splice(0)

      for (const [previous, { data, shape }] of estimates.slice(0, -1).entries()) {
        const first = previous + 1
        const x0 = kernels.upload(data, shape)
        const start = { x0, sigma: (schedule[first] as (typeof schedule)[number]).sigma }
        const rest = await finish(sample(latents(first), kernels, text, { ...options, start }))
        expect(rest.estimates).toEqual([0, 1, 2, 3].slice(first))
        expect(seen.splice(0)).toEqual(before.slice(first))
        expect(await kernels.read(rest.x0)).toEqual(expected)
        kernels.free(rest.x0)
        expect(kernels.live).toBe(1)
        kernels.free(x0) // The loop left it alone.
      }
    })

    test('starts at sigma 1 from noise alone, whatever the start', async (kernels) => {
      const x0 = kernels.upload(new Float32Array(2 * 2 * 3 * 4).fill(5), { batch: 2, channels: 2, height: 3, width: 4 })
      const start = { x0, sigma: 1 }
      const { estimates, x0: result } = await finish(
        sample(recordedDenoiser(kernels), kernels, text, { ...options, start }),
      )
      expect(estimates).toEqual([0, 1, 2, 3])
      kernels.free(result)
      kernels.free(x0)
    })

    test('refuses a start that fits no step, and frees nothing of the caller’s', async (kernels) => {
      const shape = { batch: 2, channels: 2, height: 5, width: 6 }
      const wrong: [name: string, words: RegExp, sigma: number, change?: Partial<typeof shape>][] = [
        ['InvalidSchedule', /No step has sigma 0.5 or less\. Start at 0.6/, 0.5],
        ['InvalidSchedule', /sigma 0\./, 0],
        ['InvalidSchedule', /sigma NaN/, Number.NaN],
        ['InvalidSchedule', /sigma 1.5/, 1.5],
        // It would have to shrink from 5×6 to the 3×4 of the first step; from 5×7 to 5×6.
        ['InvalidSchedule', /never shrunk/, 1],
        ['InvalidSchedule', /never shrunk/, 0.85, { width: 7 }],
        ['InvalidRequest', /per seed/, 0.85, { batch: 1 }],
        ['InvalidRequest', /per seed/, 0.85, { channels: 4 }],
      ]
      for (const [name, words, sigma, change] of wrong) {
        const actual = { ...shape, ...change }
        const x0 = kernels.upload(new Float32Array(1000), actual)
        const scales = sample(recordedDenoiser(kernels), kernels, text, { ...options, start: { x0, sigma } })
        await expect(finish(scales)).rejects.toMatchObject({ name, message: expect.stringMatching(words) })
        expect(kernels.live).toBe(1)
        kernels.free(x0)
      }
    })

    test('draws in a single step', async (kernels) => {
      const single: SampleOptions = { ...options, schedule: [schedule[0]] }
      const { estimates, x0 } = await finish(sample(recordedDenoiser(kernels), kernels, text, single))
      expect(estimates).toEqual([0])
      const expected = golden.latents[0]?.map((value, i) => value - (golden.velocities[0]?.[i] as number)) as number[]
      expectClose(await kernels.read(x0), expected, TOLERANCE)
      kernels.free(x0)
    })
  })
}

describeLoop('CPU', (test) => test(new CpuKernels()))
describeLoop('WebGPU', (test) => withDevice(async (device) => test(await createGpuKernels(device))))

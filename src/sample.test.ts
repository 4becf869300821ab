import { describe, expect, it } from 'vitest'
import { CpuKernels } from './kernels/cpu'
import golden from './kernels/golden/loop.json'
import { expectClose } from './kernels/testing/close'
import { withDevice } from './kernels/testing/dawn'
import { createGpuKernels } from './kernels/webgpu'
import { type SampleOptions, type ScaleEstimate, sample } from './sample'
import type { Denoiser, Kernels, Latent, ScaleSchedule, TextEmbedding } from './types'

const schedule = golden.schedule as unknown as ScaleSchedule
const options: SampleOptions = { schedule, channels: golden.channels, seeds: golden.seeds.map(BigInt) }
const text: TextEmbedding = { states: new Float32Array(0), mask: new Float32Array(0), tokens: 0, width: 0 }

/** Velocities are recorded, so one resize and one renoise stand behind each latent. Measured: 9e-7 on both. */
const TOLERANCE = 4e-6

type Finished<L> = { estimates: number[]; x0: L }

/** Answers with the recorded velocities, and checks that the loop asks with the recorded latents. */
function recordedDenoiser<L extends Latent>(kernels: Kernels<L>, onStep = (_step: number) => {}): Denoiser<L> {
  let step = 0
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
    estimates.push(value.step)
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
        // The first noise, three advances, one finish; the last estimate is the result itself.
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
        if (estimate.step === 2) break
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

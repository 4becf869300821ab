import { throwIfAborted } from './errors'
import { loadPart } from './load-part'
import { heightWidth } from './schedule'
import type { Conditioning, Denoiser, Kernels, Latent, SampleStart, ScaleSchedule, ScaleStep } from './types'

export interface SampleOptions<L extends Latent = never> {
  readonly schedule: ScaleSchedule
  /** Channels of the model's latents. */
  readonly channels: number
  /** One per image of the batch. */
  readonly seeds: readonly bigint[]
  /** Honoured between scales: a scale that has begun is finished first. */
  readonly signal?: AbortSignal | undefined
  /** Absent: from pure noise, at the first step. */
  readonly start?: SampleStart<L> | undefined
}

export interface ScaleEstimate<L extends Latent> {
  /** Index into the schedule. */
  readonly stepIndex: number
  /** The clean estimate at this scale, computed when asked for. The loop's own: valid until it is resumed. */
  x0(): L
}

/**
 * The scale loop. A picture starts as noise at the smallest size; each scale predicts velocity, takes the clean estimate
 * x0 = latent − sigma·velocity, enlarges it (bicubic) and adds fresh noise for the next one. Noise is never carried over.
 * After "Scale-wise Distillation of Diffusion Models" (Starodubcev et al., 2025); docs/METHOD.md, section 6.
 * Twins, to be changed together: training/method/sample.py, and the loop that training/export/golden.py writes out for
 * this file's test.
 *
 * With `start` it continues as if the step before had predicted that x0, with the noise of an uninterrupted run.
 *
 * Yields once a scale, the last included, and returns the last x0, which the caller then owns and frees (a `for await`
 * would lose it: call `next()`). All other latents are freed here, also after an abort, an error or an early `return()`.
 *
 * @throws EngineError 'AbortError' when the signal fires; 'InvalidSchedule' or 'InvalidRequest' for a start that does
 * not fit; whatever the denoiser or the kernels throw.
 */
export async function* sample<L extends Latent>(
  denoiser: Denoiser<L>,
  kernels: Kernels<L>,
  conditioning: Conditioning,
  { schedule, channels, seeds, signal, start }: SampleOptions<L>,
): AsyncGenerator<ScaleEstimate<L>, L, void> {
  const owned = new Set<L>()
  const own = (latent: L): L => {
    owned.add(latent)
    return latent
  }
  const free = (...latents: L[]): void => {
    for (const latent of latents) if (owned.delete(latent)) kernels.free(latent)
  }

  try {
    throwIfAborted(signal)
    let stepIndex = start
      ? (await loadPart('start-picture', import('./start-picture'))).enteredStep(start, schedule, {
          batch: seeds.length,
          channels,
        })
      : 0
    const first = schedule[stepIndex] as ScaleStep
    const [height, width] = heightWidth(first.size)
    const shape = { batch: seeds.length, channels, height, width }
    const key = { seeds, step: stepIndex }
    // A start is clean already: x0 − 0·velocity is x0 to the bit, whatever the velocity.
    const noised = ({ x0 }: SampleStart<L>): L => kernels.advance(x0, x0, { ...first, sigma: 0 }, first, key)
    let latent = own(start ? noised(start) : kernels.noise(shape, key))
    for (; ; stepIndex++) {
      const step = schedule[stepIndex] as ScaleStep
      const noisy = latent
      const velocity = own(await denoiser.velocity(noisy, step.sigma, conditioning))
      throwIfAborted(signal)

      let x0: L | undefined
      const estimate = (): L => (x0 ??= own(kernels.predictX0(noisy, velocity, step)))
      yield { stepIndex, x0: estimate }
      throwIfAborted(signal)

      const next = schedule[stepIndex + 1]
      if (!next) {
        const result = estimate()
        owned.delete(result)
        return result
      }
      latent = own(kernels.advance(noisy, velocity, step, next, { seeds, step: stepIndex + 1 }))
      free(noisy, velocity, ...(x0 ? [x0] : []))
    }
  } finally {
    free(...owned)
  }
}

import { throwIfAborted } from './errors'
import { heightWidth } from './schedule'
import type { Denoiser, Kernels, Latent, ScaleSchedule, ScaleStep, TextEmbedding } from './types'

export interface SampleOptions {
  readonly schedule: ScaleSchedule
  /** Channels of the model's latents. */
  readonly channels: number
  /** One an image of the batch. */
  readonly seeds: readonly bigint[]
  /** Honoured between scales: a scale that has begun is finished first. */
  readonly signal?: AbortSignal | undefined
}

export interface ScaleEstimate<L extends Latent> {
  /** Index into the schedule. */
  readonly step: number
  /** The clean estimate at this scale, computed when asked for. The loop's own: valid until it is resumed. */
  x0(): L
}

/**
 * The scale loop. A picture starts as noise at the smallest size; each scale predicts velocity, takes the clean estimate
 * x0 = latent − sigma·velocity, enlarges it (bicubic) and adds fresh noise for the next one. Noise is never carried over.
 * After "Scale-wise Distillation of Diffusion Models" (Starodubcev et al., 2025).
 *
 * Yields once a scale, the last included, and returns the last x0, which the caller then owns and frees (a `for await`
 * would lose it: call `next()`). All other latents are freed here, also after an abort, an error or an early `return()`.
 *
 * @throws EngineError 'AbortError' when the signal fires; whatever the denoiser or the kernels throw.
 */
export async function* sample<L extends Latent>(
  denoiser: Denoiser<L>,
  kernels: Kernels<L>,
  text: TextEmbedding,
  { schedule, channels, seeds, signal }: SampleOptions,
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
    const [height, width] = heightWidth(schedule[0].size)
    let latent = own(kernels.noise({ batch: seeds.length, channels, height, width }, { seeds, step: 0 }))
    for (let index = 0; ; index++) {
      const step = schedule[index] as ScaleStep
      const noisy = latent
      const velocity = own(await denoiser.velocity(noisy, step.sigma, text))
      throwIfAborted(signal)

      let x0: L | undefined
      const estimate = (): L => (x0 ??= own(kernels.finish(noisy, velocity, step)))
      yield { step: index, x0: estimate }
      throwIfAborted(signal)

      const next = schedule[index + 1]
      if (!next) {
        const result = estimate()
        owned.delete(result)
        return result
      }
      latent = own(kernels.advance(noisy, velocity, step, next, { seeds, step: index + 1 }))
      free(noisy, velocity, ...(x0 ? [x0] : []))
    }
  } finally {
    free(...owned)
  }
}

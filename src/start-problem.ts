/** Loaded where a drawing has a start. It imports types alone, so that bundlers need not split what others share with it. */
import type { EngineErrorName } from './errors'
import type { LatentShape } from './types'

/** Why a clean latent cannot enter the scale loop at a step of this shape, as an error's name and message. */
export function startProblem(start: LatentShape, step: LatentShape): [EngineErrorName, string] | undefined {
  const describe = ({ batch, channels, height, width }: LatentShape) => `${batch}×${channels}×${height}×${width}`
  if (start.batch !== step.batch || start.channels !== step.channels) {
    return [
      'InvalidRequest',
      `The start is a latent of ${describe(start)}, and the loop draws ${describe(step)}. Give one clean latent per seed, ` +
        'with the channels of the model.',
    ]
  }
  if (start.height <= step.height && start.width <= step.width) return undefined
  return [
    'InvalidSchedule',
    `The start has ${start.height}×${start.width} cells, and the step that it enters has ${step.height}×${step.width}: ` +
      'a latent is enlarged but never shrunk. Give a smaller start, or a lower sigma to enter at a larger step.',
  ]
}

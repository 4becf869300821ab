/** Loaded where a drawing has a start. Of what others share it imports errors alone, which are a file of their own. */
import { EngineError, type EngineErrorName, shown } from './errors'
import { fitPicture } from './fit-picture'
import type { Latent, LatentShape, Picture, PictureEncoder, SampleStart, ScaleSchedule, ScaleStep } from './types'

/** Where none is asked for: the shape stays, colours and details are drawn anew. */
export const DEFAULT_STRENGTH = 0.7
/** Pixels along a side. A browser's own limit for canvases is near it, and what is encoded has some hundred. */
const MOST_SIDE = 16_384
const MOST_PIXELS = 64_000_000

/** What of a request starts it. */
export interface PictureStart {
  readonly image?: Picture | undefined
  readonly strength?: number | undefined
}

/**
 * The step that a picture of this strength enters: the first whose noise level is at most the strength; at least the last.
 *
 * @throws EngineError 'InvalidRequest' for a picture or a strength that is none, and for a model without an encoder.
 */
export function startStep(
  { image, strength = DEFAULT_STRENGTH }: PictureStart,
  schedule: ScaleSchedule,
  hasEncoder: boolean,
): ScaleStep {
  const problem = pictureProblem(image)
  if (problem) throw new EngineError('InvalidRequest', problem)
  if (typeof strength !== 'number' || !(strength > 0 && strength <= 1)) {
    const remedy = 'Give a number above 0 (as it is) and at most 1 (all new).'
    throw new EngineError('InvalidRequest', `The strength is ${shown(strength)}. ${remedy}`)
  }
  if (!hasEncoder) {
    const remedy = 'Leave the image out, or use a model with an encoder.'
    throw new EngineError('InvalidRequest', `This model cannot start from a picture: it has no encoder. ${remedy}`)
  }
  return schedule.find(({ sigma }) => sigma <= strength) ?? (schedule[schedule.length - 1] as ScaleStep)
}

function pictureProblem(image: unknown): string | undefined {
  const { width, height, data } = (typeof image === 'object' && image !== null ? image : {}) as Partial<Picture>
  const isSide = (side: unknown): side is number => Number.isInteger(side) && (side as number) >= 1
  if (!isSide(width) || !isSide(height) || !(data instanceof Uint8ClampedArray)) {
    return "'image' is not a picture. Give { width, height, data } with RGBA bytes, such as an ImageData."
  }
  if (width > MOST_SIDE || height > MOST_SIDE || width * height > MOST_PIXELS) {
    return `The image has ${width}×${height} pixels, which is too large. Scale it to 2048 pixels or less first.`
  }
  if (data.length === 4 * width * height) return undefined
  return `The image of ${width}×${height} pixels has ${data.length} bytes, not ${4 * width * height}. Give RGBA, 8 bits.`
}

/**
 * A picture as what the scale loop begins from; its x0 is the caller's to free.
 *
 * @throws EngineError as `startStep` does; whatever encoding throws.
 */
export async function startFromPicture<L extends Latent>(
  start: PictureStart,
  { schedule, seeds }: { readonly schedule: ScaleSchedule; readonly seeds: readonly bigint[] },
  { pictureEncoder }: { readonly pictureEncoder?: PictureEncoder<L> },
  { decoder: { pixelsPerCell } }: { readonly decoder: { readonly pixelsPerCell: number } },
): Promise<SampleStart<L>> {
  const { size, sigma } = startStep(start, schedule, pictureEncoder !== undefined)
  const [height, width] = typeof size === 'number' ? [size, size] : size
  const fitted = fitPicture(start.image as Picture, width * pixelsPerCell, height * pixelsPerCell)
  return { x0: await (pictureEncoder as PictureEncoder<L>).encode(fitted, size, seeds.length), sigma }
}

/**
 * Where a clean latent that is noised to at most `sigma` enters: the first step whose sigma is that or less, so that the
 * loop's noise never hides more of it than was asked for.
 *
 * @throws EngineError 'InvalidSchedule' when sigma is outside (0, 1] or below every step's.
 */
export function firstStepIndex(schedule: ScaleSchedule, sigma: number): number {
  if (!(sigma > 0 && sigma <= 1)) {
    throw new EngineError(
      'InvalidSchedule',
      `The start has sigma ${shown(sigma)}. Give a number above 0 and at most 1.`,
    )
  }
  const found = schedule.findIndex((step) => step.sigma <= sigma)
  if (found >= 0) return found
  const last = schedule[schedule.length - 1]?.sigma
  throw new EngineError(
    'InvalidSchedule',
    `No step has sigma ${sigma} or less. Start at ${last} or above, or add a step with a lower sigma.`,
  )
}

/**
 * Index of the step that a clean latent enters.
 *
 * @throws EngineError as `firstStepIndex` does; 'InvalidRequest' or 'InvalidSchedule' for a latent that does not fit it.
 */
export function enteredStep(
  { x0, sigma }: SampleStart<Latent>,
  schedule: ScaleSchedule,
  images: Pick<LatentShape, 'batch' | 'channels'>,
): number {
  const index = firstStepIndex(schedule, sigma)
  const { size } = schedule[index] as ScaleStep
  const [height, width] = typeof size === 'number' ? [size, size] : size
  const problem = startProblem(x0.shape, { ...images, height, width })
  if (problem) throw new EngineError(...problem)
  return index
}

/** Why a clean latent cannot enter the scale loop at a step of this shape, as an error's name and message. */
function startProblem(start: LatentShape, step: LatentShape): [EngineErrorName, string] | undefined {
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

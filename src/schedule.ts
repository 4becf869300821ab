import { Refused } from './refused'
import type { LatentSize, ScaleSchedule, ScaleStep } from './types'

const MAX_STEPS = 1000

/** Which sizes a denoiser takes, in latent cells: multiples of `patch`, and along neither side more than `maxSize`. */
export interface SizeLimits {
  readonly patch: number
  readonly maxSize: number
}

/** Height and width in latent cells. */
export function heightWidth(size: LatentSize): readonly [height: number, width: number] {
  return typeof size === 'number' ? [size, size] : size
}

/** Tokens the denoiser sees at this size: one a patch × patch square of cells. */
export function tokenCount(size: LatentSize, patch: number): number {
  const [height, width] = heightWidth(size)
  return (height / patch) * (width / patch)
}

/**
 * Checks a schedule of unknown origin: sizes are those that the denoiser takes, and never fall; sigmas start at 1 and
 * strictly fall, staying above 0.
 *
 * @throws Refused naming the step at fault.
 */
export function validateSchedule(value: unknown, limits: SizeLimits): ScaleSchedule {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_STEPS) throw new Refused('noSteps', MAX_STEPS)
  const steps: ScaleStep[] = []
  for (const [index, entry] of value.entries()) {
    const step = parseStep(entry, index, limits)
    checkOrder(step, steps.at(-1), index)
    steps.push(step)
  }
  return steps as [ScaleStep, ...ScaleStep[]]
}

function parseStep(value: unknown, index: number, limits: SizeLimits): ScaleStep {
  const { size, sigma } = Object(value) as Record<string, unknown>
  if (typeof sigma !== 'number' || !(sigma > 0 && sigma <= 1)) throw new Refused('sigma', index, sigma)
  if (Array.isArray(size)) {
    if (size.length !== 2) throw new Refused('sides', index, size.length)
    return { size: [parseSide(size[0], index, limits), parseSide(size[1], index, limits)], sigma }
  }
  return { size: parseSide(size, index, limits), sigma }
}

function parseSide(value: unknown, index: number, { patch, maxSize }: SizeLimits): number {
  const side = value as number // `isInteger` refuses whatever is no number.
  if (Number.isInteger(side) && side > 0 && side <= maxSize && side % patch === 0) return side
  throw new Refused('side', index, value, patch, maxSize)
}

function checkOrder(step: ScaleStep, previous: ScaleStep | undefined, index: number): void {
  if (!previous) {
    if (step.sigma !== 1) throw new Refused('firstSigma', index, step.sigma)
    return
  }
  if (step.sigma >= previous.sigma) throw new Refused('risingSigma', index, step.sigma, previous.sigma)
  const [height, width] = heightWidth(step.size)
  const [previousHeight, previousWidth] = heightWidth(previous.size)
  if (height < previousHeight || width < previousWidth) {
    throw new Refused('fallingSize', index, height, width, previousHeight, previousWidth)
  }
}

import { EngineError, shown } from './errors'
import type { LatentSize, ScaleSchedule, ScaleStep } from './types'

/** Cells a side: at 8 pixels a cell 8192 pixels, beyond any model and still addressable by the kernels. */
const MAX_SIZE = 1024
const MAX_STEPS = 1000

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
 * Checks a schedule of unknown origin: sizes in cells are multiples of the denoiser's patch and never fall; sigmas start
 * at 1 and strictly fall, staying above 0.
 *
 * @throws EngineError 'InvalidSchedule' naming the step at fault and the remedy.
 */
export function validateSchedule(value: unknown, patch: number): ScaleSchedule {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_STEPS) {
    throw invalid(`A schedule is a list of 1 to ${MAX_STEPS} steps such as { size: 16, sigma: 1 }. Give at least one.`)
  }
  const steps: ScaleStep[] = []
  for (const [index, entry] of value.entries()) {
    const step = parseStep(entry, `Step ${index + 1}`, patch)
    checkOrder(step, steps.at(-1), `Step ${index + 1}`)
    steps.push(step)
  }
  return steps as [ScaleStep, ...ScaleStep[]]
}

function parseStep(value: unknown, where: string, patch: number): ScaleStep {
  const { size, sigma } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (typeof sigma !== 'number' || !(sigma > 0 && sigma <= 1)) {
    throw invalid(`${where} has sigma ${shown(sigma)}. Give a number above 0 and at most 1.`)
  }
  if (Array.isArray(size)) {
    if (size.length !== 2) throw invalid(`${where} has a size of ${size.length} numbers. Give one, or [height, width].`)
    return { size: [parseSide(size[0], where, patch), parseSide(size[1], where, patch)], sigma }
  }
  return { size: parseSide(size, where, patch), sigma }
}

function parseSide(value: unknown, where: string, patch: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SIZE && value % patch === 0) {
    return value
  }
  throw invalid(
    `${where} has size ${shown(value)}. Give a multiple of ${patch} from ${patch} to ${MAX_SIZE} latent cells.`,
  )
}

function checkOrder(step: ScaleStep, previous: ScaleStep | undefined, where: string): void {
  if (!previous) {
    if (step.sigma !== 1) throw invalid(`${where} has sigma ${step.sigma}. Start from pure noise, at sigma 1.`)
    return
  }
  if (step.sigma >= previous.sigma) {
    throw invalid(`${where} has sigma ${step.sigma} after ${previous.sigma}. Let sigma fall from step to step.`)
  }
  const [height, width] = heightWidth(step.size)
  const [previousHeight, previousWidth] = heightWidth(previous.size)
  if (height < previousHeight || width < previousWidth) {
    throw invalid(
      `${where} has size ${height}×${width} after ${previousHeight}×${previousWidth}. Let sizes grow or stay.`,
    )
  }
}

function invalid(message: string): EngineError {
  return new EngineError('InvalidSchedule', message)
}

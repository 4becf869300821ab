import type { LatentSize, ScaleSchedule } from '../src/types'

/**
 * Scale-wise against full scale for one student at the same noise levels. Only time is measured here: what the pictures
 * are worth is in docs/RESULTS.md.
 */
export interface SchedulePair {
  readonly steps: number
  readonly scaleWise: ScaleSchedule
  readonly fullScale: ScaleSchedule
}

/** Every schedule of a model that grows, the fewest steps first, and the same with all steps at its last size. */
export function schedulePairs(schedules: Readonly<Record<string, ScaleSchedule>>): SchedulePair[] {
  return Object.values(schedules)
    .map((scaleWise) => ({ steps: scaleWise.length, scaleWise, fullScale: atLastSize(scaleWise) }))
    .filter(({ scaleWise, fullScale }) => String(sizesOf(scaleWise)) !== String(sizesOf(fullScale)))
    .sort((one, other) => one.steps - other.steps)
}

/** Latent sizes of one step each, for time against tokens. */
export const growthSizes = [8, 12, 16, 20, 24, 28, 32] as const
/** Images drawn at once, for time against batch. */
export const growthBatches = [1, 2, 4, 8] as const

export function sizesOf(steps: ScaleSchedule): LatentSize[] {
  return steps.map(({ size }) => size)
}

function atLastSize(schedule: ScaleSchedule): ScaleSchedule {
  const size = schedule.at(-1)?.size ?? schedule[0].size
  return schedule.map(({ sigma }) => ({ size, sigma })) as unknown as ScaleSchedule
}

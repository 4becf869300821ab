import type { LatentSize, ScaleSchedule } from '../src/types'

/**
 * Scale-wise against full scale for one student at the same number of steps. Only time is measured here: what the
 * pictures are worth is in docs/RESULTS.md.
 */
export interface SchedulePair {
  readonly steps: number
  readonly scaleWise: ScaleSchedule
  readonly fullScale: ScaleSchedule
}

const SIGMAS = { 2: [1, 0.75], 4: [1, 0.9, 0.75, 0.55], 6: [1, 0.95, 0.9, 0.82, 0.72, 0.5] } as const
const SIZES = { 2: [8, 16], 4: [8, 12, 16, 16], 6: [8, 8, 12, 12, 16, 16] } as const
const FULL_SIZE = 16

export const schedulePairs: readonly SchedulePair[] = ([2, 4, 6] as const).map((steps) => ({
  steps,
  scaleWise: schedule(SIZES[steps], SIGMAS[steps]),
  fullScale: schedule(
    SIZES[steps].map(() => FULL_SIZE),
    SIGMAS[steps],
  ),
}))

/** Latent sizes of one step each, for time against tokens. */
export const growthSizes = [8, 12, 16, 20, 24, 28, 32] as const
/** Images drawn at once, for time against batch. */
export const growthBatches = [1, 2, 4, 8] as const

export function sizesOf(steps: ScaleSchedule): LatentSize[] {
  return steps.map(({ size }) => size)
}

function schedule(sizes: readonly number[], sigmas: readonly number[]): ScaleSchedule {
  return sizes.map((size, i) => ({ size, sigma: sigmas[i] as number })) as unknown as ScaleSchedule
}

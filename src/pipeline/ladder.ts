import { heightWidth } from '../schedule'
import type { ScaleSchedule, ScaleStep } from '../types'

/** Of noise levels towards noise, and over the level that masks what a size cannot hold. */
const SHIFT = 3
const MARGIN = 2

/**
 * Noise levels evenly apart, moved towards noise, each at the smallest size that the latents' spectrum allows there; the
 * last one at full size. `by_spectrum` of training/evaluate/ladders.py makes the same.
 *
 * `spectrum`: by size in cells, the sigma above which noise hides what that size cannot hold. `full`: cells a side.
 */
export function ladder(steps: number, spectrum: Readonly<Record<string, number>>, full: number): ScaleSchedule {
  const masked = Object.entries(spectrum)
    .map(([size, sigma]) => ({ size: Number(size), sigma }))
    .filter(({ size }) => size < full)
    .sort((one, other) => one.size - other.size)
  const rungs = Array.from({ length: steps }, (_, i): ScaleStep => {
    const even = 1 - i / steps
    const sigma = (SHIFT * even) / (1 + (SHIFT - 1) * even)
    const small = i < steps - 1 && masked.find((rung) => sigma >= Math.min(1, MARGIN * rung.sigma))
    return { size: small ? small.size : full, sigma: Math.round(sigma * 1000) / 1000 }
  })
  return rungs as [ScaleStep, ...ScaleStep[]]
}

/** As the evaluation calls it, and the manifest's `quality`. */
export function ladderName(steps: number): string {
  return `${steps} by rule`
}

/** Cells of a schedule's last step; undefined where that is no square. */
export function fullSize(schedule: ScaleSchedule): number | undefined {
  const [height, width] = heightWidth((schedule.at(-1) as ScaleStep).size)
  return height === width ? height : undefined
}

/** Shares, intervals and tests for paired preferences. */

import { quantile } from '../../../bench/statistics'
import { createRandom, streams } from './random'

export interface Interval {
  readonly low: number
  readonly high: number
}

/** How many pairs each side won. */
export interface Tally {
  readonly a: number
  readonly ties: number
  readonly b: number
}

/** The 97.5% point of the standard normal distribution. */
const Z = 1.959963984540054

/** Part of the pairs that A won, ties counted half. NaN without pairs. */
export function preferenceShare({ a, ties, b }: Tally): number {
  return (a + ties / 2) / (a + ties + b)
}

/** Wilson's 95% score interval of a proportion (Wilson 1927), `wins` of `wins + losses`; [0, 1] where there are none. */
export function wilsonInterval(wins: number, losses: number): Interval {
  const n = wins + losses
  if (n === 0) return { low: 0, high: 1 }
  const p = wins / n
  const middle = (p + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n)
  const half = (Z * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2))) / (1 + Z ** 2 / n)
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** Two-sided exact sign test: the chance of a split at least as uneven when both sides are equally good. */
export function signTest(wins: number, losses: number): number {
  const n = wins + losses
  // Logarithm of C(n, k)/2^n, from k = 0 up: the number itself would underflow for large n.
  let log = -n * Math.LN2
  let tail = 0
  for (let k = 0; k <= Math.min(wins, losses); k++) {
    tail += Math.exp(log)
    log += Math.log((n - k) / (k + 1))
  }
  return Math.min(1, 2 * tail)
}

/** The pairs of one prompt: they are resampled together, because they are not independent. */
export interface Cluster {
  /** Sum of the scores: 1 for a win of A, ½ for a tie. */
  readonly sum: number
  readonly count: number
}

/**
 * 95% percentile interval of the mean score by bootstrap over prompts (Efron 1979): each resample draws as many prompts
 * as there are, with replacement. Questions with the same prompts get the same resamples. NaN without prompts.
 */
export function bootstrapInterval(clusters: readonly Cluster[], seed: bigint, resamples = 10_000): Interval {
  if (clusters.length === 0) return { low: Number.NaN, high: Number.NaN }
  const random = createRandom(seed, streams.resamples)
  const means = Array.from({ length: resamples }, () => {
    let sum = 0
    let count = 0
    for (let i = 0; i < clusters.length; i++) {
      const drawn = clusters[random.below(clusters.length)] as Cluster
      sum += drawn.sum
      count += drawn.count
    }
    return sum / count
  })
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) }
}

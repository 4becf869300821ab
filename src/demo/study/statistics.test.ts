import { describe, expect, it } from 'vitest'
import { bootstrapInterval, preferenceShare, signTest, wilsonInterval } from './statistics'

/** Clusters of one pair each: so many wins, so many losses. */
const singles = (wins: number, losses: number) =>
  Array.from({ length: wins + losses }, (_, i) => ({ sum: i < wins ? 1 : 0, count: 1 }))

describe('preferenceShare', () => {
  it.each([
    [{ a: 3, ties: 0, b: 1 }, 0.75],
    [{ a: 3, ties: 4, b: 1 }, 5 / 8],
    [{ a: 0, ties: 2, b: 0 }, 0.5],
  ])('%j: %d', (tally, share) => {
    expect(preferenceShare(tally)).toBe(share)
  })
})

describe('wilsonInterval', () => {
  // Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score without continuity correction).
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%d of %d: %d to %d', (wins, n, low, high) => {
    const interval = wilsonInterval(wins, n - wins)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  it('says nothing without pairs', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

describe('signTest', () => {
  it.each([
    // By hand: 2·(1 + 15 + 105 + 455)/2^15.
    [3, 12, 0.03515625],
    [12, 3, 0.03515625],
    // By hand: 2·1/2^5.
    [5, 0, 0.0625],
    [4, 4, 1],
    [0, 0, 1],
    // Python: 2*sum(math.comb(60, k) for k in range(16))/2**60, and 2000 with range(951).
    [45, 15, 0.00013451408092849532],
    [950, 1050, 0.026824146240280695],
  ])('%d to %d: p = %d', (wins, losses, p) => {
    expect(signTest(wins, losses)).toBeCloseTo(p, 10)
  })
})

describe('bootstrapInterval', () => {
  it('is that of the binomial distribution for single pairs', () => {
    // Python: the 2.5% and 97.5% points of Binomial(60, 0.75) are 38 and 51. 10,000 resamples may miss by one.
    const { low, high } = bootstrapInterval(singles(45, 15), 7n)
    expect(Math.abs(60 * low - 38)).toBeLessThanOrEqual(1)
    expect(Math.abs(60 * high - 51)).toBeLessThanOrEqual(1)
  })

  it('keeps the pairs of a prompt together: to show each pair twice is no news', () => {
    const once = bootstrapInterval(singles(14, 6), 3n, 2000)
    const twice = bootstrapInterval(
      singles(14, 6).map(({ sum }) => ({ sum: 2 * sum, count: 2 })),
      3n,
      2000,
    )
    expect(twice).toEqual(once)
    // As 40 independent pairs they would seem to say more.
    const independent = bootstrapInterval(singles(28, 12), 3n, 2000)
    expect(independent.high - independent.low).toBeLessThan(0.8 * (once.high - once.low))
  })

  it('is the same for a seed, another for another, and has no width where all agree', () => {
    const clusters = Array.from({ length: 30 }, (_, i) => ({ sum: (i % 7) / 6, count: 1 }))
    expect(bootstrapInterval(clusters, 1n, 500)).toEqual(bootstrapInterval(clusters, 1n, 500))
    expect(bootstrapInterval(clusters, 1n, 500)).not.toEqual(bootstrapInterval(clusters, 2n, 500))
    expect(bootstrapInterval(singles(9, 0), 1n, 500)).toEqual({ low: 1, high: 1 })
  })
})

import { describe, expect, it } from 'vitest'
import { fitExponent, inTurn, median, quantile, ratio, spread } from './statistics'

describe('quantile', () => {
  it('lies between samples where it must', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75)
    expect(quantile([5], 0.9)).toBe(5)
  })

  it('is not moved by one bad sample', () => {
    expect(median([10, 11, 9, 1000, 10])).toBe(10)
    expect(spread([10, 11, 9, 1000, 10])).toEqual({ median: 10, low: 10, high: 11 })
  })

  it('needs a sample', () => {
    expect(() => median([])).toThrow('no samples')
  })
})

describe('ratio', () => {
  it('pairs samples of the same moment: a machine twice as slow for a while changes nothing', () => {
    expect(ratio([30, 60, 30], [10, 20, 10])).toEqual({ median: 3, low: 3, high: 3 })
  })

  it('refuses samples that do not pair', () => {
    expect(() => ratio([1, 2], [1])).toThrow('paired')
  })
})

describe('fitExponent', () => {
  it('finds the power of a law, whatever its factor', () => {
    for (const power of [0.5, 1, 1.3, 2]) {
      expect(fitExponent([1, 2, 4, 8].map((x) => [x, 7 * x ** power] as const))).toBeCloseTo(power, 12)
    }
  })

  it('needs two places', () => {
    expect(() => fitExponent([[3, 1] as const, [3, 2] as const])).toThrow('two points')
  })
})

describe('inTurn', () => {
  it('takes the tasks in turn, every second round backwards, and forgets the warm-up', async () => {
    const order: string[] = []
    let count = 0
    const task = (name: string) => async () => {
      order.push(name)
      return count++
    }
    const taken = await inTurn({ a: task('a'), b: task('b') }, 2, 1)
    expect(order.join('')).toBe('baabba')
    expect(taken).toEqual({ a: [2, 5], b: [3, 4] })
  })
})

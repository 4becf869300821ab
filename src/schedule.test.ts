import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineError } from './errors'
import { Refused } from './refused'
import { requestError } from './request-problems'
import { heightWidth, tokenCount, validateSchedule } from './schedule'
import { firstStepIndex } from './start-picture'

const good = [
  { size: 8, sigma: 1 },
  { size: [8, 12], sigma: 0.9 },
  { size: [8, 12], sigma: 0.5 },
]

const limits = { patch: 2, maxSize: 1024 }

/** What a request with this schedule is refused with. */
function refusal(schedule: unknown): EngineError {
  try {
    validateSchedule(schedule, limits)
  } catch (error) {
    if (error instanceof Refused) return requestError(error)
    throw error
  }
  throw new Error('The schedule was accepted.')
}

describe('validateSchedule', () => {
  it('takes growing, equal and rectangular sizes, and a single step', () => {
    expect(validateSchedule(good, limits)).toEqual(good)
    expect(validateSchedule([{ size: 16, sigma: 1 }], limits)).toEqual([{ size: 16, sigma: 1 }])
  })

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /list of 1 to/],
    ['no steps', [], /at least one/],
    ['too many steps', Array.from({ length: 1001 }, (_, i) => ({ size: 8, sigma: 1 - i / 2000 })), /1000 steps/],
    ['a step that is null', [null], /sigma undefined/],
    ['a sigma that is not finite', [{ size: 8, sigma: Number.NaN }], /sigma NaN/],
    ['an infinite sigma', [{ size: 8, sigma: Number.POSITIVE_INFINITY }], /sigma Infinity/],
    ['a sigma above 1', [{ size: 8, sigma: 1.5 }], /above 0 and at most 1/],
    [
      'a sigma of 0',
      [
        { size: 8, sigma: 1 },
        { size: 8, sigma: 0 },
      ],
      /Step 2 has sigma 0/,
    ],
    ['a start below pure noise', [{ size: 8, sigma: 0.9 }], /at sigma 1/],
    [
      'a sigma that stays',
      [
        { size: 8, sigma: 1 },
        { size: 8, sigma: 1 },
      ],
      /Step 2 has sigma 1 after 1/,
    ],
    ['a sigma that rises', [...good, { size: 16, sigma: 0.6 }], /Step 4 has sigma 0.6 after 0.5/],
    [
      'a size that falls',
      [
        { size: 8, sigma: 1 },
        { size: 6, sigma: 0.5 },
      ],
      /6×6 after 8×8/,
    ],
    [
      'a width that falls',
      [
        { size: [8, 10], sigma: 1 },
        { size: [12, 8], sigma: 0.5 },
      ],
      /12×8 after 8×10/,
    ],
    ['a fractional size', [{ size: 8.5, sigma: 1 }], /size 8.5/],
    ['a size of zero', [{ size: 0, sigma: 1 }], /size 0/],
    ['a negative size', [{ size: -8, sigma: 1 }], /size -8/],
    ['a size in words', [{ size: '8', sigma: 1 }], /size '8'/],
    ['a size off the patch', [{ size: 9, sigma: 1 }], /multiple of 2/],
    ['an absurd size', [{ size: 2 ** 20, sigma: 1 }], /to 1024 latent cells/],
    ['a width alone beyond the model', [{ size: [8, 1026], sigma: 1 }], /size 1026.*from 2 to 1024 latent cells/],
    ['three sides', [{ size: [8, 8, 8], sigma: 1 }], /3 numbers/],
  ])('refuses %s, with a remedy', (_, schedule, message) => {
    expect(refusal(schedule)).toMatchObject({ name: 'InvalidSchedule', message: expect.stringMatching(message) })
  })

  it('takes what a model has positions for, along each side, and no more', () => {
    const short = { patch: 2, maxSize: 48 }
    for (const size of [48, [48, 2], [2, 48]]) {
      expect(validateSchedule([{ size, sigma: 1 }], short)).toEqual([{ size, sigma: 1 }])
    }
    for (const size of [50, [50, 2], [2, 50]]) {
      expect(() => validateSchedule([{ size, sigma: 1 }], short)).toThrow(
        expect.objectContaining({ problem: 'side', found: [0, 50, 2, 48] }),
      )
    }
  })

  it('answers anything with a schedule or an InvalidSchedule', () => {
    const size = fc.oneof(
      fc.constantFrom(8, 10, 16),
      fc.tuple(fc.constantFrom(8, 10), fc.constantFrom(8, 16)),
      fc.anything(),
    )
    const sigma = fc.oneof(fc.constantFrom(1, 0.9, 0.5), fc.double(), fc.anything())
    const steps = fc.array(fc.oneof(fc.record({ size, sigma }), fc.anything()), { maxLength: 4 })
    fc.assert(
      fc.property(fc.oneof(steps, fc.anything()), (value) => {
        try {
          const schedule = validateSchedule(value, limits)
          const sides = schedule.map((step) => heightWidth(step.size))
          expect(schedule[0].sigma).toBe(1)
          schedule.slice(1).forEach((step, i) => {
            expect(step.sigma).toBeLessThan(schedule[i]?.sigma as number)
            expect(sides[i + 1]?.[0]).toBeGreaterThanOrEqual(sides[i]?.[0] as number)
            expect(sides[i + 1]?.[1]).toBeGreaterThanOrEqual(sides[i]?.[1] as number)
          })
        } catch (error) {
          expect(error).toBeInstanceOf(Refused)
          expect(requestError(error as Refused).name).toBe('InvalidSchedule')
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('firstStepIndex', () => {
  it.each([
    [1, 0],
    [0.99, 1],
    [0.9, 1],
    [0.89, 2],
    [0.5, 2],
  ])('sigma %f enters at step %i: no more noise than was asked for', (sigma, index) => {
    expect(firstStepIndex(validateSchedule(good, limits), sigma)).toBe(index)
  })

  it.each([0.49, 0, -1, 1.01, Number.NaN])('refuses sigma %f', (sigma) => {
    expect(() => firstStepIndex(validateSchedule(good, limits), sigma)).toThrow(
      expect.objectContaining({ name: 'InvalidSchedule' }),
    )
  })
})

describe('sizes', () => {
  it('are squares or rectangles, and so many tokens', () => {
    expect(heightWidth(8)).toEqual([8, 8])
    expect(heightWidth([8, 12])).toEqual([8, 12])
    expect(tokenCount(8, 2)).toBe(16)
    expect(tokenCount([8, 12], 2)).toBe(24)
  })
})

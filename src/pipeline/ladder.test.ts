import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateSchedule } from '../schedule'
import type { ScaleSchedule } from '../types'
import { fullSize, ladder, ladderName } from './ladder'

interface Found {
  readonly masked: Record<string, number>
  readonly schedules: Record<string, { readonly steps: ScaleSchedule }>
}

const found = JSON.parse(readFileSync(new URL('../../docs/ladders.json', import.meta.url), 'utf8')) as Found

describe('ladders by rule', () => {
  it.each(Object.keys(found.schedules).filter((name) => name.endsWith('by rule')))(
    "'%s' is the one that was evaluated",
    (name) => {
      const steps = Number.parseInt(name, 10)
      expect(ladderName(steps)).toBe(name)
      expect(ladder(steps, found.masked, 16)).toEqual(found.schedules[name]?.steps)
    },
  )

  it('leaves a small size where its spectrum says so', () => {
    expect(ladder(4, { 12: 0.42, 8: 0.49 }, 16)).toEqual([
      { size: 8, sigma: 1 },
      { size: 12, sigma: 0.9 },
      { size: 16, sigma: 0.75 },
      { size: 16, sigma: 0.5 },
    ])
    expect(ladder(2, {}, 16).map(({ size }) => size)).toEqual([16, 16])
  })

  it('is a valid schedule for any spectrum and number of steps', () => {
    const spectra = fc.dictionary(
      fc.integer({ min: 1, max: 40 }).map((n) => `${2 * n}`),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), spectra, (steps, spectrum) => {
        // Smaller sizes hide more.
        const sigmas = Object.values(spectrum).sort((a, b) => b - a)
        const sizes = Object.keys(spectrum).sort((a, b) => Number(a) - Number(b))
        const falling = Object.fromEntries(sizes.map((size, i) => [size, sigmas[i] as number]))
        const schedule = ladder(steps, falling, 32)
        expect(validateSchedule(schedule, { patch: 2, maxSize: 32 })).toEqual(schedule)
      }),
    )
  })
})

it('the full size is that of the last step, where it is square', () => {
  expect(
    fullSize([
      { size: 8, sigma: 1 },
      { size: [16, 16], sigma: 0.5 },
    ]),
  ).toBe(16)
  expect(fullSize([{ size: [16, 24], sigma: 1 }])).toBeUndefined()
})

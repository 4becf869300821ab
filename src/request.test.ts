import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEngineError } from './errors'
import { parseManifest } from './manifest/parse'
import { planDrawing, type RequestData } from './request'

const manifest = parseManifest(
  JSON.parse(readFileSync(new URL('../models/tiny/manifest.json', import.meta.url), 'utf8')),
)

function plan(request: Partial<RequestData>, listened = false) {
  return planDrawing({ prompt: '', ...request }, manifest, listened)
}

describe('planDrawing', () => {
  it('fills in what a request leaves out', async () => {
    expect(await plan({ prompt: 'a tree', seed: 7 })).toEqual({
      text: 'a tree',
      seeds: [7n],
      schedule: manifest.schedules.default,
      preview: 'none',
    })
    expect((await plan({}, true)).preview).toBe('linear')
    expect((await plan({ preview: 'decode' })).preview).toBe('none')
    expect((await plan({ schedule: 'full-4' })).schedule).toEqual(manifest.schedules['full-4'])
  })

  it('puts the prompt into its style as it is', async () => {
    expect((await plan({ prompt: 'a $& tree', style: '3d' })).text).toBe('a $& tree, 3d glossy')
    expect((await plan({ prompt: '', style: '3d' })).text).toBe('3d glossy')
  })

  it('counts seeds on from the first, over the end of 64 bits', async () => {
    expect((await plan({ seed: 2n ** 64n - 1n, count: 3 })).seeds).toEqual([2n ** 64n - 1n, 0n, 1n])
    expect((await plan({ seeds: [5, 3n] })).seeds).toEqual([5n, 3n])
    expect((await plan({ seeds: ['18446744073709551615', '0'] })).seeds).toEqual([2n ** 64n - 1n, 0n])
  })

  it('draws random seeds that a number can hold, not the same twice', async () => {
    const plans = await Promise.all(Array.from({ length: 200 }, () => plan({})))
    const seeds = plans.map(({ seeds: [seed] }) => seed)
    expect(new Set(seeds).size).toBe(200)
    for (const seed of seeds) expect(Number.isSafeInteger(Number(seed))).toBe(true)
    // Some are above 32 bits: the high word is used too.
    expect(seeds.some((seed) => seed > 2n ** 40n)).toBe(true)
  })

  const wrong: [name: string, request: object][] = [
    ['InvalidRequest', { prompt: undefined }],
    ['InvalidRequest', { prompt: 7 }],
    ['InvalidRequest', { count: 0 }],
    ['InvalidRequest', { count: 17 }],
    ['InvalidRequest', { count: 1.5 }],
    ['InvalidRequest', { seed: 1, seeds: [1] }],
    ['InvalidRequest', { seeds: [1, 2], count: 3 }],
    ['InvalidRequest', { seeds: [] }],
    ['InvalidRequest', { seeds: 'abc' }],
    ['InvalidRequest', { preview: 'big' }],
    ['InvalidSeed', { seed: -1 }],
    ['InvalidSeed', { seed: 1.5 }],
    ['InvalidSeed', { seed: Number.NaN }],
    ['InvalidSeed', { seed: 2 ** 53 }],
    ['InvalidSeed', { seed: 2n ** 64n }],
    ['InvalidSeed', { seed: '7e3' }],
    ['InvalidSeed', { seed: '18446744073709551616' }],
    ['InvalidSeed', { seed: '' }],
    ['InvalidSeed', { seeds: [1, null] }],
    // A hole in the list.
    ['InvalidSeed', { seeds: Array(1) }],
    ['UnknownStyle', { style: 'oil' }],
    // Nothing of these can be turned to a string.
    ['UnknownStyle', { style: { toString: '' } }],
    ['InvalidSeed', { seed: Object.create(null) }],
    ['InvalidRequest', { count: Symbol('4') }],
    ['UnknownSchedule', { schedule: 'fast' }],
    ['UnknownSchedule', { schedule: 'constructor' }],
    ['InvalidSchedule', { schedule: [] }],
    ['InvalidSchedule', { schedule: [{ size: 7, sigma: 1 }] }],
    ['InvalidSchedule', { schedule: null }],
    [
      'InvalidSchedule',
      {
        schedule: [
          { size: 8, sigma: 1 },
          { size: 4, sigma: 0.5 },
        ],
      },
    ],
  ]
  it.each(wrong)('%s: %o', async (name, request) => {
    try {
      await plan(request)
    } catch (error) {
      expect(isEngineError(error, name as never), String(error)).toBe(true)
      // What is wrong, and then what to do.
      expect((error as Error).message).toMatch(/\. .+\.$/)
      return
    }
    throw new Error('The request was accepted.')
  })

  it('answers any request with a plan or a named error', async () => {
    const field = fc.option(fc.anything(), { nil: undefined })
    const request = fc.record({
      prompt: fc.string(),
      seed: field,
      seeds: field,
      count: field,
      style: field,
      schedule: field,
      preview: field,
    })
    await fc.assert(
      fc.asyncProperty(request, async (value) => {
        try {
          const { seeds } = await plan(value as object)
          expect(seeds.length).toBeGreaterThan(0)
        } catch (error) {
          expect((error as Error).constructor.name).toBe('EngineError')
        }
      }),
      { numRuns: 300 },
    )
  })
})

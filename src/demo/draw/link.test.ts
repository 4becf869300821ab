import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatLink, parseLink, parseSeed, type Recipe } from './link'

const recipe: Recipe = { prompt: 'a red apple', style: '3d', seed: 7n, schedule: 'default', count: 2 }

describe('a link to a picture', () => {
  it('says the whole recipe', () => {
    expect(formatLink(recipe)).toBe('#prompt=a+red+apple&seed=7&style=3d&schedule=default&count=2')
  })

  it('is read back as it was, whatever the prompt and the seed', () => {
    fc.assert(
      fc.property(fc.string(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (prompt, seed) => {
        expect(parseLink(formatLink({ ...recipe, prompt, seed }))).toEqual({ ...recipe, prompt, seed })
      }),
    )
  })

  it('leaves out what makes no sense', () => {
    expect(parseLink('#prompt=&seed=-1&count=5')).toEqual({ prompt: '' })
    expect(parseLink('#seed=18446744073709551616&count=1.5')).toEqual({})
    expect(parseLink('')).toEqual({})
  })
})

describe('a typed seed', () => {
  it.each([
    ['0', 0n],
    [' 42 ', 42n],
    ['18446744073709551615', 2n ** 64n - 1n],
  ])('%s is one', (text, seed) => {
    expect(parseSeed(text)).toBe(seed)
  })

  it.each(['', '-1', '1.5', '1e3', '0x10', 'seven', '18446744073709551616'])('"%s" is none', (text) => {
    expect(parseSeed(text)).toBeUndefined()
  })
})

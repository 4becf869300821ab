import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import noise from './golden/noise.json'
import { gaussian, philox4x32, seedWords, type Words2, type Words4 } from './philox'

describe('Philox4x32-10', () => {
  // The known-answer tests of the authors' Random123 library, kat_vectors.
  const known: [Words4, Words2, Words4][] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ]

  it.each(known)('turns %j under %j into the known block', (counter, key, block) => {
    expect(philox4x32([...counter], key)).toEqual(block)
  })

  it('gives the words of training/method/philox.py bit for bit', () => {
    for (const { seed, step, words } of noise.draws) {
      const blocks = words.map((_, i) => philox4x32([step, 0, i, 0], seedWords(BigInt(seed))))
      expect(blocks).toEqual(words)
    }
  })

  it('splits a seed into words and loses nothing', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
        const [low, high] = seedWords(seed)
        expect(BigInt(high) * 2n ** 32n + BigInt(low)).toBe(seed)
      }),
    )
  })
})

describe('Box-Muller', () => {
  it('stays finite at the ends of the words', () => {
    for (const u of [0, 0xffffffff]) for (const t of [0, 0x40000000, 0xffffffff]) expect(gaussian(u, t)).not.toBeNaN()
    expect(gaussian(0, 0x40000000)).toBeCloseTo(Math.sqrt(66 * Math.LN2), 6)
    expect(Math.abs(gaussian(0xffffffff, 0x40000000))).toBe(0)
  })
})

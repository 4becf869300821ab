import { describe, expect, it } from 'vitest'
import noise from '../../kernels/golden/noise.json'
import { arrange, matchPairs } from './pairs'
import { parsePrompts, withSeeds } from './prompts'
import { createRandom } from './random'

const pairs = Array.from({ length: 61 }, (_, i) => ({ a: i, b: i }))

describe('createRandom', () => {
  it('is Philox4x32-10: block after block of one stream', () => {
    // Integers of training/philox.py, which the kernels' own test compares too.
    for (const { seed, step, words } of noise.draws) {
      const random = createRandom(BigInt(seed), step)
      expect(words.flat().map(() => random.below(2 ** 32))).toEqual(words.flat())
    }
  })

  it('draws every number alike', () => {
    const random = createRandom(5n, 1)
    const counts = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 60_000; i++) counts[random.below(6)] = (counts[random.below(6)] ?? 0) + 1
    // Six bins of 10,000: chi-squared with 5 degrees of freedom is below 20.5 in 99.9% of runs.
    const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    expect(chi).toBeLessThan(20.5)
  })
})

describe('shuffled', () => {
  it('gives each of the six orders of three things alike', () => {
    const random = createRandom(5n, 0)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffled(['a', 'b', 'c']).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    // As above, with 1,000 expected of each.
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chi).toBeLessThan(20.5)
  })
})

describe('matchPairs', () => {
  it('needs the same prompt and the same seed, and names the rest', () => {
    const key = (prompt: string, seed: string) => ({ prompt, seed })
    const a = [key('a cat', '1'), key('a dog', '2'), key('a cat', '3')]
    const b = [key('a cat', '3'), key('a dog', '9'), key('a cat', '1')]
    const { pairs, onlyA, onlyB } = matchPairs(a, b)
    expect(pairs).toEqual([
      { a: a[0], b: b[2] },
      { a: a[2], b: b[0] },
    ])
    expect(onlyA).toEqual([a[1]])
    expect(onlyB).toEqual([b[1]])
  })
})

describe('arrange', () => {
  it('is the same for a seed and another for another', () => {
    expect(arrange(pairs, 9n)).toEqual(arrange(pairs, 9n))
    expect(arrange(pairs, 9n).map(({ a }) => a)).not.toEqual(arrange(pairs, 10n).map(({ a }) => a))
    expect(arrange(pairs, 9n).map(({ sideOfA }) => sideOfA)).not.toEqual(arrange(pairs, 10n).map((p) => p.sideOfA))
  })

  it('shows every pair once, A on the left in half of them', () => {
    for (let seed = 0n; seed < 50n; seed++) {
      const placed = arrange(pairs, seed)
      expect(placed.map(({ a }) => a).sort((one, other) => one - other)).toEqual(pairs.map(({ a }) => a))
      const left = placed.filter(({ sideOfA }) => sideOfA === 'left').length
      expect([30, 31]).toContain(left)
    }
  })

  it('ties no side to a place in the set or in the order', () => {
    const runs = Array.from({ length: 400 }, (_, i) => arrange(pairs, BigInt(i)))
    const left = (at: number) => runs.filter((placed) => placed[at]?.sideOfA === 'left').length
    const ofPair = runs.filter((placed) => placed.find(({ a }) => a === 0)?.sideOfA === 'left').length
    // 400 fair coins: 200 ± 40 is four standard deviations.
    for (const count of [left(0), left(60), ofPair]) expect(Math.abs(count - 200)).toBeLessThan(40)
  })
})

describe('prompts', () => {
  it('leaves out blank lines and comments, and counts seeds up', () => {
    const prompts = parsePrompts('# why\na cat\r\n\n  a dog \n')
    expect(prompts).toEqual(['a cat', 'a dog'])
    expect(withSeeds(prompts, 7n)).toEqual([
      { prompt: 'a cat', seed: '7' },
      { prompt: 'a dog', seed: '8' },
    ])
  })

  it('refuses none, the same twice, and seeds past 64 bits', () => {
    expect(() => parsePrompts('# nothing')).toThrow('no prompts')
    expect(() => parsePrompts('a cat\na cat')).toThrow('"a cat" stands there twice')
    expect(() => withSeeds(['a', 'b'], 2n ** 64n - 1n)).toThrow('no room')
    expect(withSeeds(['a'], 2n ** 64n - 1n)).toHaveLength(1)
  })
})

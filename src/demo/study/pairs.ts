import { type PairKey, pairName } from './format'
import type { Side } from './questions'
import { createRandom, streams } from './random'

/** The same prompt and seed, drawn by both. */
export interface Pair<P> {
  readonly a: P
  readonly b: P
}

export interface Matched<P> {
  /** In the order of set A. */
  readonly pairs: readonly Pair<P>[]
  /** Without a partner. */
  readonly onlyA: readonly P[]
  readonly onlyB: readonly P[]
}

export function matchPairs<P extends PairKey>(a: readonly P[], b: readonly P[]): Matched<P> {
  const left = new Map(b.map((picture) => [pairName(picture), picture]))
  const pairs: Pair<P>[] = []
  const onlyA: P[] = []
  for (const picture of a) {
    const partner = left.get(pairName(picture))
    left.delete(pairName(picture))
    if (partner) pairs.push({ a: picture, b: partner })
    else onlyA.push(picture)
  }
  return { pairs, onlyA, onlyB: [...left.values()] }
}

export interface PlacedPair<P> extends Pair<P> {
  readonly sideOfA: Side
}

/**
 * Order and sides from a seed. A stands on the left in half of the pairs (of an odd number, one side gets the extra
 * pair at random), so that a liking for one side helps neither set.
 */
export function arrange<P>(pairs: readonly Pair<P>[], seed: bigint): PlacedPair<P>[] {
  const sides = createRandom(seed, streams.sides)
  const first = sides.below(2)
  const balanced = pairs.map((_, i): Side => ((i + first) % 2 === 0 ? 'left' : 'right'))
  const shuffled = sides.shuffled(balanced)
  const ordered = createRandom(seed, streams.order).shuffled(pairs)
  return ordered.map((pair, i) => ({ ...pair, sideOfA: shuffled[i] as Side }))
}

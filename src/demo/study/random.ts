import { philox4x32, seedWords, type Words4 } from '../../kernels/philox'

/** What a seed is used for: each use has draws of its own, so that a longer one moves no other. */
export const streams = { order: 0, sides: 1, resamples: 2 } as const

export interface Random {
  /** A whole number in [0, n), each as likely as the others; n is at most 2^32. */
  below(n: number): number
  /** The same items in an order drawn at random (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[]
}

/** Philox4x32-10 with the seed as key: words come from the blocks at counters (stream, 0, 0, 0), (stream, 0, 1, 0), … */
export function createRandom(seed: bigint, stream: number): Random {
  const key = seedWords(seed)
  const block: Words4 = [0, 0, 0, 0]
  let blocks = 0
  let used = 4

  function word(): number {
    if (used === 4) {
      block[0] = stream
      block[1] = 0
      block[2] = blocks++
      block[3] = 0
      philox4x32(block, key)
      used = 0
    }
    return block[used++] as number
  }

  function below(n: number): number {
    // Words from the last, incomplete run of n would favour the small numbers: draw again.
    const limit = 2 ** 32 - (2 ** 32 % n)
    for (;;) {
      const drawn = word()
      if (drawn < limit) return drawn % n
    }
  }

  return {
    below,
    shuffled<T>(items: readonly T[]): T[] {
      const order = [...items]
      for (let last = order.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const moved = order[last] as T
        order[last] = order[other] as T
        order[other] = moved
      }
      return order
    },
  }
}

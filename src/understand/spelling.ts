/**
 * Letters to insert, leave out, replace or exchange with their neighbour (optimal string alignment, after Damerau), or
 * `most + 1` where it is more than that.
 */
export function misspelling(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      let least = Math.min(
        (last[column - 1] as number) + (same ? 0 : 1),
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
      )
      const exchanged = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      if (row > 1 && column > 1 && exchanged) least = Math.min(least, (before[column - 2] as number) + 1)
      current.push(least)
    }
    if (Math.min(...current) > most) return most + 1
    before = last
    last = current
  }
  return last[other.length] as number
}

/** Keys of `words` that the misspelt one may be meant as: the nearest first, of those the commonest by their numbers. */
export function corrections(
  word: string,
  words: Readonly<Record<string, unknown>>,
  count: number,
  limit = 2,
): string[] {
  const most = Math.min(limit, word.length < 3 ? 0 : word.length < 6 ? 1 : 2)
  if (most === 0) return []
  const found: { readonly other: string; readonly cost: number }[] = []
  for (const [other, times] of Object.entries(words)) {
    if (other.length < 3 || Math.abs(other.length - word.length) > most) continue
    // Of three letters, any other is as good as a third of all words: they are all there, exchanged.
    if (word.length === 3 && letters(word) !== letters(other)) continue
    const distance = misspelling(word, other, most)
    // Few misspell the first letter.
    if (distance <= most)
      found.push({ other, cost: distance + (other[0] === word[0] ? 0 : 1) - Math.min(Number(times) || 0, 9e4) / 1e5 })
  }
  return found
    .filter(({ cost }) => cost < 2.5)
    .sort((left, right) => left.cost - right.cost)
    .slice(0, count)
    .map(({ other }) => other)
}

const letters = (word: string): string => [...word].sort().join('')

/** Small sums over timings. A machine that does other things as well spoils means, so these are medians and quartiles. */

/** The middle half of the samples lies between `low` and `high`. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** The value below which the given part of the samples lies, straight lines between samples. Throws when there are none. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error('There are no samples.')
  const sorted = [...values].sort((a, b) => a - b)
  const place = part * (sorted.length - 1)
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) }
}

/** Of samples that were taken in turn: each divided by its neighbour of the same moment. */
export function ratio(over: readonly number[], under: readonly number[]): Spread {
  if (over.length !== under.length) throw new Error(`${over.length} samples cannot be paired with ${under.length}.`)
  return spread(over.map((value, i) => value / (under[i] as number)))
}

/** The exponent p of y ≈ c·x^p: the slope of the least-squares line through the logarithms. Throws below two points. */
export function fitExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (axis: 0 | 1): number => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const slope = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const width = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (!(width > 0)) throw new Error('An exponent needs two points with different x.')
  return slope / width
}

/**
 * Calls every task once a round, in turn, so that a busy moment of the machine touches them all, and every second round
 * backwards, so that none always runs after the same other. Returns what each gave, in the order of rounds; `warmup`
 * rounds are thrown away.
 */
export async function inTurn<K extends string, T>(
  tasks: Readonly<Record<K, () => Promise<T>>>,
  rounds: number,
  warmup = 0,
): Promise<Record<K, T[]>> {
  const names = Object.keys(tasks) as K[]
  const taken = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<K, T[]>
  for (let round = -warmup; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await tasks[name]()
      if (round >= 0) taken[name].push(value)
    }
  }
  return taken
}

/** What it shares with the pipeline would have to be exported there: it imports types alone. */
import type { GenerateResult, LatentSize, ScaleSchedule } from '../types'

/** Of each kind; older ones are forgotten, as a machine may be busy now and not later. */
const KEPT = 5
/** As many prompts as the pipeline keeps what it read of. */
const PROMPTS = 32

/**
 * What a picture takes on this machine, learned from pictures: a step costs a fixed part and a part for each token that the
 * denoiser reads (image and text, of all images), the decoder a part for each cell.
 */
export class Costs {
  readonly #patch: number
  /** Milliseconds of steps, by their tokens. */
  readonly #steps = new Map<number, number[]>()
  readonly #text: number[] = []
  readonly #decodePerCell: number[] = []
  /** Prompts that were read: the pipeline keeps what it made of them. */
  readonly #read = new Set<string>()
  #textTokens = 0

  constructor(patch: number) {
    this.#patch = patch
  }

  /** Whether it has seen enough to predict. */
  get knows(): boolean {
    return this.#steps.size > 0 && this.#decodePerCell.length > 0
  }

  /** `text`: the prompt in its style. `first`: the first picture of all, whose steps are slower than any later one's. */
  observe({ schedule, images, timings, stats }: GenerateResult, text: string, first = false): void {
    this.#textTokens = stats.textTokens
    if (!this.#read.has(text) && timings.text > 0) keep(this.#text, timings.text)
    this.#read.add(text)
    for (const old of [...this.#read].slice(0, -PROMPTS)) this.#read.delete(old)
    if (first) return
    // A picture that started from another has only the last steps.
    const steps = schedule.slice(-timings.scales.length)
    for (const [i, { size }] of steps.entries()) {
      const tokens = this.#tokens(size, images.length)
      const ms = this.#steps.get(tokens) ?? []
      keep(ms, timings.scales[i] as number)
      this.#steps.set(tokens, ms)
    }
    keep(this.#decodePerCell, timings.decode / (cells(schedule) * images.length))
  }

  /** Milliseconds of a picture, or of several drawn as one batch. */
  predict(schedule: ScaleSchedule, images: number, text: string): number {
    const step = lineThrough([...this.#steps].map(([tokens, ms]) => [tokens, median(ms)]))
    const steps = schedule.reduce((sum, { size }) => sum + this.#step(size, images, step), 0)
    const decode = median(this.#decodePerCell) * cells(schedule) * images
    return (this.#read.has(text) ? 0 : median(this.#text)) + steps + decode
  }

  #step(size: LatentSize, images: number, fitted: (tokens: number) => number): number {
    const tokens = this.#tokens(size, images)
    const seen = this.#steps.get(tokens)
    return seen ? median(seen) : fitted(tokens)
  }

  #tokens(size: LatentSize, images: number): number {
    return (area(size) / this.#patch ** 2 + this.#textTokens) * images
  }
}

/** Latent cells. */
export function area(size: LatentSize): number {
  return typeof size === 'number' ? size ** 2 : size[0] * size[1]
}

function cells(schedule: ScaleSchedule): number {
  return area((schedule.at(-1) as ScaleSchedule[0]).size)
}

function keep(list: number[], value: number): void {
  list.push(value)
  if (list.length > KEPT) list.shift()
}

/** 0 for nothing. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** The line of least squares through points; through the origin where it would fall, or where there is one point. */
function lineThrough(points: readonly (readonly [x: number, y: number])[]): (x: number) => number {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x0, y0] = [mean(([x]) => x), mean(([, y]) => y)]
  const spread = mean(([x]) => (x - x0) ** 2)
  const slope = spread > 0 ? mean(([x, y]) => (x - x0) * (y - y0)) / spread : 0
  return slope > 0 && y0 > slope * x0 ? (x) => y0 + slope * (x - x0) : (x) => (y0 / x0) * x
}

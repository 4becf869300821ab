import type { Picture } from '../../../index'
import { duration, extent } from '../../shared/words'
import type { Drawn } from '../easel'

/** What one thing is of both pictures. */
export interface Difference {
  readonly name: string
  readonly left: string
  readonly right: string
}

/** The model's own words for the names that recipes hold. */
export interface Names {
  style(id: string): string
  schedule(name: string): string
}

const dash = '–'

/** What both were drawn with, and what that took; in an order of what a visitor chooses first. */
export function differences(left: Drawn, right: Drawn | undefined, names: Names): Difference[] {
  const row = (name: string, tell: (drawn: Drawn) => string): Difference => ({
    name,
    left: tell(left),
    right: right ? tell(right) : dash,
  })
  const rows = [
    row('Words', ({ recipe }) => recipe.prompt || 'none'),
    row('Style', ({ recipe }) => names.style(recipe.style)),
    row('Seed', ({ result }) => String(result.seed)),
    row('Schedule', ({ recipe }) => names.schedule(recipe.schedule)),
    row('Begins from', ({ start }) => (start ? `a picture, σ ${start.strength}` : 'noise')),
    row('Scales drawn', ({ scales }) => scales.map(({ size }) => size[1]).join(', ') || dash),
    row('Time', ({ result }) => duration(result.timings.total)),
    row('Model', ({ model }) => model ?? 'not known any more'),
  ]
  return rows
}

/** From which a change of a colour, of 255, counts as one: less cannot be seen. */
const seen = 8

/** How much of the square another colour has in the other picture, both over white; in words. */
export function pixelWords(left: Picture, right: Picture): string {
  if (left.width !== right.width || left.height !== right.height) {
    return `One has ${extent(left.width, left.height)} pixels, the other ${extent(right.width, right.height)}.`
  }
  let same = true
  let differing = 0
  for (let at = 0; at < left.data.length; at += 4) {
    let most = 0
    for (let channel = 0; channel < 3; channel++) {
      most = Math.max(most, Math.abs(overWhite(left.data, at, channel) - overWhite(right.data, at, channel)))
    }
    if (most > 0) same = false
    if (most > seen) differing += 1
  }
  if (same) return 'The same picture, to the pixel.'
  const part = (400 * differing) / left.data.length
  return `Colours differ in ${part < 1 ? 'less than 1' : Math.round(part)}% of the square.`
}

function overWhite(data: Uint8ClampedArray, at: number, channel: number): number {
  return 255 + (((data[at + channel] as number) - 255) * (data[at + 3] as number)) / 255
}

import type { GrowthRow } from '../../../bench/results'
import type { Here } from './here'

/** Of the call that the others are divided by, in latent cells a side. */
const FULL_SIZE = 16
const TIMES = [0.25, 0.5, 1, 2, 4, 8]
/** Units of the drawing; it is scaled to the page's width. */
const [WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN] = [640, 300, 56, 44, 14]

type Point = readonly [tokens: number, time: number]

/**
 * Time of one denoiser call against its tokens, both logarithmic, over the time at full size: the committed run and,
 * where it was measured, this machine. The dashed line is time that grows as tokens do.
 */
export function growthChart(committed: readonly GrowthRow[], here?: Here['growth']): SVGSVGElement {
  const rows = committed.filter(({ batch }) => batch === 1)
  const full = rows.findIndex(({ size }) => size === FULL_SIZE)
  const tokens = rows.map(({ imageTokens, textTokens }) => imageTokens + textTokens)
  const relative = (times: readonly number[]): Point[] =>
    times.map((time, i) => [tokens[i] as number, time / (times[full] as number)])
  const lines: readonly (readonly [name: string, points: readonly Point[]])[] = [
    ['linear', relative(tokens)],
    ['committed', relative(rows.map(({ ms }) => ms.median))],
    ...(here ? [['here', relative(here.map(({ ms }) => ms.median))] as const] : []),
  ]
  const all = lines.flatMap(([, points]) => points)
  const x = logarithmic(
    all.map(([count]) => count),
    [LEFT, WIDTH - MARGIN],
  )
  const y = logarithmic(
    all.map(([, time]) => time),
    [HEIGHT - BOTTOM, MARGIN],
  )

  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'growth' })
  const label = (words: string, at: Record<string, number | string>): void => {
    svg.append(Object.assign(element('text', at), { textContent: words }))
  }
  for (const time of TIMES.filter((each) => y(each) > MARGIN && y(each) < HEIGHT - BOTTOM)) {
    svg.append(element('path', { d: `M${LEFT} ${y(time)}H${WIDTH - MARGIN}`, class: 'grid' }))
    label(`${time}`, { x: LEFT - 8, y: y(time) + 4, 'text-anchor': 'end' })
  }
  tokens.forEach((count, i) => {
    const anchor = i === tokens.length - 1 ? 'end' : 'middle'
    if (i % 2 === 0) label(`${count}`, { x: x(count), y: HEIGHT - BOTTOM + 20, 'text-anchor': anchor })
  })
  label('tokens, image and text', { x: WIDTH - MARGIN, y: HEIGHT - 2, 'text-anchor': 'end' })
  for (const [name, points] of lines) {
    const d = points.map(([count, time], i) => `${i === 0 ? 'M' : 'L'}${x(count)} ${y(time)}`).join('')
    svg.append(element('path', { d, class: `line ${name}` }))
    if (name === 'linear') continue
    for (const [count, time] of points)
      svg.append(element('circle', { cx: x(count), cy: y(time), r: 3.5, class: name }))
  }
  return svg
}

/** Puts the values' own range on a stretch of the drawing. */
function logarithmic(values: readonly number[], [from, to]: readonly [number, number]): (value: number) => number {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))]
  return (value) => from + ((Math.log(value) - low) / (high - low)) * (to - from)
}

function element<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, number | string>>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, `${value}`)
  return made
}

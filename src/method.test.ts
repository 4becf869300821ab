import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bicubicTaps } from './kernels/bicubic'
import type { ScaleStep } from './types'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const method = read('docs/METHOD.md')

/** The other cells of the table row that begins with this one. */
function row(first: string): string[] {
  const line = method.split('\n').find((text) => text.startsWith(`| ${first} |`))
  if (!line) throw new Error(`docs/METHOD.md has no table row "${first}".`)
  return line
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim())
}

const numbers = (cell: string | undefined): number[] => (cell ?? '').replaceAll('−', '-').split(/[ ,]+/).map(Number)

describe('docs/METHOD.md agrees with the code in', () => {
  it('the cubic’s a', () => {
    // Doubling two cells, output cell 1 reads at 0.25: the cell before it has weight w(1.25) = a·0.25·(1 − 0.25)².
    const outer = bicubicTaps(2, 4).weights[4] as number
    const [a] = numbers(row('bicubic $a$ †')[0])
    expect(outer / (0.25 * 0.75 ** 2)).toBeCloseTo(a as number, 12)
    expect(read('shaders/advance.wgsl')).toContain(`return ${a?.toFixed(2)} * d * (1.0 - d) * (1.0 - d);`)
  })

  it.each(['src/kernels/philox.ts', 'shaders/random.wgsl'])('Philox’s constants, %s', (path) => {
    const words = ['Philox multipliers †', 'Philox key increments †'].flatMap((name) => row(name)[0]?.split(', '))
    expect(words).toHaveLength(4)
    for (const word of words) expect(read(path).toLowerCase()).toContain(word?.toLowerCase())
  })

  const { schedules } = JSON.parse(read('models/emoji/manifest.json')) as { schedules: Record<string, ScaleStep[]> }
  it.each(Object.entries(schedules))('the schedule %s', (name, steps) => {
    const [sizes, sigmas, tokens] = row(`\`${name}\``).map(numbers)
    expect(steps.map(({ size }) => size)).toEqual(sizes)
    expect(steps.map(({ sigma }) => sigma)).toEqual(sigmas)
    expect([steps.reduce((sum, { size }) => sum + (Number(size) / 2) ** 2, 0)]).toEqual(tokens)
  })
})

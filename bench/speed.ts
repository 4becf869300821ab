/**
 * Milliseconds a picture on the CPU, scale-wise against full scale, through the shipped pipeline in Node:
 * `npx tsx bench/speed.ts`. Writes bench/speed.json, and README.md's table from it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { findModel, openModel } from '../src/cli/model'
import { Pipeline } from '../src/pipeline'
import { heightWidth, tokenCount } from '../src/schedule'
import type { Timings } from '../src/types'

const RUNS = 15

interface Row {
  readonly schedule: string
  readonly sizes: readonly number[]
  readonly tokens: number
  readonly text: number
  readonly denoise: number
  readonly decode: number
  readonly total: number
}

const disk = await findModel('models/emoji')
const pipeline = new Pipeline(await openModel(disk))
const { schedules, denoiser } = disk.manifest

async function draw(schedule: string, seed: number): Promise<Timings> {
  // A new prompt each time, so that the text encoder runs.
  return (await pipeline.generate({ prompt: `${schedule} ${seed}`, seed, schedule })).timings
}

function summarise(schedule: string, timings: readonly Timings[]): Row {
  const steps = schedules[schedule] ?? []
  const denoise = timings.map(({ scales }) => scales.reduce((sum, ms) => sum + ms, 0))
  return {
    schedule,
    sizes: steps.map(({ size }) => heightWidth(size)[0]),
    tokens: steps.reduce((sum, { size }) => sum + tokenCount(size, denoiser.patch), 0),
    text: median(timings.map(({ text }) => text)),
    denoise: median(denoise),
    decode: median(timings.map(({ decode }) => decode)),
    total: median(timings.map(({ total }) => total)),
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Number((sorted[Math.floor(sorted.length / 2)] as number).toFixed(1))
}

const names = Object.keys(schedules)
const timings = new Map<string, Timings[]>(names.map((name) => [name, []]))
for (const name of names) await draw(name, RUNS) // warm every shape up
// Taken in turn, so that a busy moment of the machine touches every schedule.
for (let seed = 0; seed < RUNS; seed++) {
  for (const name of names) timings.get(name)?.push(await draw(name, seed))
}
const rows = names.map((name) => summarise(name, timings.get(name) ?? []))

const result = {
  command: 'npx tsx bench/speed.ts',
  machine: `${cpus()[0]?.model ?? 'unknown'}, 1 thread of ${cpus().length}`,
  node: process.version,
  runs: RUNS,
  rows,
}
writeFileSync('bench/speed.json', `${JSON.stringify(result, null, 2)}\n`)

const table = [
  '| schedule | sizes (latent cells) | image tokens | text | denoiser | decoder | picture |',
  '|---|---|---|---|---|---|---|',
  ...rows.map(
    ({ schedule, sizes, tokens, text, denoise, decode, total }) =>
      `| \`${schedule}\` | ${sizes.join(' ')} | ${tokens} | ${text} ms | ${denoise} ms | ${decode} ms | ${total} ms |`,
  ),
  '',
  `Medians of ${RUNS} pictures, ${result.machine}, Node ${process.version}, WASM, one run of \`${result.command}\`.`,
].join('\n')
const readme = readFileSync('README.md', 'utf8')
const filled = readme.replace(/(<!-- speed -->\n)[\s\S]*(\n<!-- \/speed -->)/, (_, start, end) => start + table + end)
writeFileSync('README.md', filled)
console.log(table)

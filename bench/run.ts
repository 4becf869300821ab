/**
 * `npm run bench [-- --only 1,6] [--rounds 9]`: measures, keeps what it measured in bench/results.json beside the parts
 * that it left alone, and writes docs/PERFORMANCE.md and the table of docs/guide/models.md from it. `--take FILE` adds a platform that
 * bench/gpu.ts measured on another machine; `--write` only writes the documents anew.
 *
 * Parts: 1 scale-wise against full scale, 2 time around ONNX Runtime, 3 PyTorch, 4 first preview and memory, 5 weights,
 * 6 growth, 7 a naive loop, 8 operations a second, 9 the library's bytes, 10 threads, 8 bits, batches and budgets on WASM.
 * On a machine that is busy with other things it says so and writes nothing.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { call, openSite, openVisitor, type Site } from './browser'
import { BusyMachine, busyPart, refuseBusy } from './busy'
import { causeOf } from './document'
import { readCauses, readResults, writeResults } from './files'
import { measureWasm, measureWebGpu, type PartName, type Plan, today } from './parts/in-browser'
import { measureLibrary } from './parts/library'
import { measureVariant, variantNames } from './parts/variants'
import type { Platform, Results, VariantRow } from './results'
import { reachedTargets } from './targets'

const MODEL = 'models/emoji'
const SOFTWARE_MODEL = 'models/tiny'
const VARIANT_ROUNDS = 7

const partNames: Readonly<Record<string, PartName | 'variants' | 'library'>> = {
  1: 'scales',
  2: 'engine',
  3: 'torch',
  4: 'start',
  5: 'variants',
  6: 'growth',
  7: 'naive',
  8: 'matmul',
  9: 'library',
  10: 'fast',
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(partNames).join() },
    rounds: { type: 'string', default: '9' },
    take: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

function wantedParts(): Set<PartName | 'variants' | 'library'> {
  return new Set(
    values.only.split(',').map((number) => {
      const name = partNames[number.trim()]
      if (!name) throw new Error(`There is no part ${number}. Parts: ${Object.keys(partNames).join(', ')}.`)
      return name
    }),
  )
}

/** What was measured takes the place of the same part, as long as both are of one machine. */
function merge(results: Results, name: string, platform: Platform): Results {
  const before = results.platforms[name]
  const same = before?.machine === platform.machine && before.runtime === platform.runtime
  if (before && !same) console.log(`${name}: other parts were of ${before.machine}, ${before.runtime}, and go.`)
  return { ...results, platforms: { ...results.platforms, [name]: { ...(same && before), ...platform } } }
}

async function measure(results: Results): Promise<Results> {
  const wanted = wantedParts()
  const rounds = Number(values.rounds)
  const site = await openSite()
  try {
    const inBrowser = new Set([...wanted].filter((name) => name !== 'variants' && name !== 'library'))
    const log = (words: string): void => console.log(`  ${words}`)
    let after = results
    if (inBrowser.size > 0) {
      const plan: Plan = { wanted: inBrowser, model: MODEL, rounds, log }
      console.log('WASM')
      after = merge(after, 'WASM', await measureWasm(site, plan))
      if (['scales', 'engine', 'naive', 'growth', 'matmul'].some((name) => inBrowser.has(name as PartName))) {
        console.log('WebGPU')
        const gpu = await measureWebGpu(site, plan, SOFTWARE_MODEL)
        if (gpu) after = merge(after, gpu.name, gpu.platform)
      }
    }
    if (wanted.has('variants')) after = { ...after, ...(await measureVariants(site, after)) }
    if (wanted.has('library')) after = { ...after, library: { bytes: measureLibrary(), measured: today() } }
    return after
  } finally {
    await site.server.stop()
  }
}

/** Variants whose folders are gone keep their last rows. */
async function measureVariants(site: Site, { variants }: Results): Promise<Partial<Results>> {
  const rows = new Map<string, VariantRow>(variants?.rows.map((row) => [row.variant, row]))
  const names = variantNames()
  if (names.length === 0) console.log('Weights: training/runs/weight-formats holds no model; the last rows stay.')
  for (const name of names) {
    const visitor = await openVisitor(site)
    try {
      const page = await visitor.open()
      await call(page, 'open', MODEL, 'wasm')
      rows.set(name, await measureVariant(site, page, name, MODEL, VARIANT_ROUNDS, 2))
      console.log(`  weights: ${name}`)
    } finally {
      await visitor.close()
    }
  }
  if (rows.size === 0) return {}
  const { id, version } = JSON.parse(readFileSync(`${MODEL}/manifest.json`, 'utf8')) as { id: string; version: string }
  return { variants: { rows: [...rows.values()], shipped: `${id} ${version}` } }
}

/** The platform in a file of bench/gpu.ts. */
function taken(results: Results, path: string): Results {
  const { name, platform } = JSON.parse(readFileSync(path, 'utf8')) as { name: string; platform: Platform }
  return { ...results, platforms: { ...results.platforms, [name]: platform } }
}

function print(results: Results): void {
  const causes = readCauses()
  for (const row of reachedTargets(results)) {
    const outcome = row.met
      ? '✓'
      : `✗ ${causeOf(causes, row) ? 'missed' : 'MISSED, and bench/causes.json has no cause'}`
    console.log(
      [row.figure.padEnd(62), row.platform.padEnd(36), row.target.padEnd(10), row.reached.padEnd(10), outcome].join(
        ' ',
      ),
    )
  }
}

async function onIdleMachine(results: Results): Promise<Results> {
  // Bytes are the same whatever else runs.
  if ([...wantedParts()].every((name) => name === 'library')) return measure(results)
  refuseBusy(await busyPart())
  const after = await measure(results)
  // Whoever came in between is still there, as a rule.
  refuseBusy(await busyPart())
  return after
}

const before = readResults()
try {
  const after = values.write ? before : values.take ? taken(before, values.take) : await onIdleMachine(before)
  writeResults(after)
  print(after)
} catch (error) {
  if (!(error instanceof BusyMachine)) throw error
  console.error(error.message)
  process.exitCode = 1
}

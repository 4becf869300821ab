/** The parts that run in a page, on one backend. */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { Page } from '@playwright/test'
import runtimePackage from '../../node_modules/onnxruntime-web/package.json' with { type: 'json' }
import { call, openVisitor, type Site } from '../browser'
import type { FlopCounts } from '../measure/matmul'
import type { Platform, Taken } from '../results'
import { measureFast } from './fast'
import { measureStart } from './start'
import { hasTorch, measureTorch } from './torch'

export type PartName = 'scales' | 'engine' | 'torch' | 'start' | 'growth' | 'naive' | 'matmul' | 'fast'

export interface Plan {
  readonly wanted: ReadonlySet<PartName>
  /** Folder below the page. */
  readonly model: string
  readonly rounds: number
  readonly log: (words: string) => void
}

const WARMUP = 3

export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

export function machine(): string {
  return `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} threads`
}

/** What was measured on WASM, one thread, in Chromium. */
export async function measureWasm(site: Site, { wanted, model, rounds, log }: Plan): Promise<Platform> {
  const visitor = await openVisitor(site)
  try {
    const page = await visitor.open()
    const { id } = await call(page, 'open', model, 'wasm')
    const take = taking(log, { measured: today(), rounds, model: id })
    // A call of one graph is short, a start is long.
    const [torchRounds, startRounds] = [2 * rounds, Math.min(rounds, 5)]
    const platform = {
      machine: `${machine()}, 1 used`,
      runtime: `Chromium ${visitor.version}, ONNX Runtime ${runtimePackage.version} on WASM`,
      ...(wanted.has('scales') && {
        scales: await take('scales', async () => ({ pairs: await call(page, 'scales', model, rounds, WARMUP) })),
      }),
      ...(wanted.has('engine') && { engine: await take('engine', () => call(page, 'engine', model, rounds, WARMUP)) }),
      ...(wanted.has('growth') && { growth: await take('growth', () => call(page, 'growth', model, rounds, WARMUP)) }),
      ...(wanted.has('naive') && { naive: await take('naive', () => call(page, 'naive', model, rounds, WARMUP)) }),
      ...(wanted.has('matmul') && {
        matmul: await take('matmul', () => measureMatmul(page, model, rounds, { sizes: [512, 1024], batches: [1] })),
      }),
    }
    const missing = wanted.has('torch') && !(await hasTorch())
    if (missing) log('torch: the last figures stay; PyTorch does not answer. Try: python -m training.evaluate.bench')
    return {
      ...platform,
      ...(wanted.has('torch') &&
        !missing && { torch: await take('torch', () => measureTorch(page, model, torchRounds, WARMUP), torchRounds) }),
      ...(wanted.has('fast') && { fast: await take('fast', () => measureFast(site, model, rounds)) }),
      ...(wanted.has('start') && {
        start: await take('start', () => measureStart(site, `${model}/manifest.json`, startRounds), startRounds),
      }),
    }
  } finally {
    await visitor.close()
  }
}

/**
 * What was measured on WebGPU in Chromium: on a software adapter the counts alone matter, and `softwareModel` does for
 * them. Undefined, with a word why, where there is no adapter.
 */
export async function measureWebGpu(
  site: Site,
  { wanted, model, rounds, log }: Plan,
  softwareModel: string,
): Promise<{ readonly name: string; readonly platform: Platform } | undefined> {
  const visitor = await openVisitor(site)
  try {
    const page = await visitor.open()
    const adapter = await call(page, 'adapter')
    if (!adapter) {
      log('WebGPU: Chromium finds no adapter here.')
      return undefined
    }
    const [subject, times, warmup] = adapter.software ? [softwareModel, 1, 1] : [model, rounds, WARMUP]
    const { id } = await call(page, 'open', subject, 'webgpu')
    const take = taking(log, { measured: today(), rounds: times, model: id })
    const platform = {
      machine: machine(),
      runtime: `Chromium ${visitor.version}, ONNX Runtime ${runtimePackage.version} on WebGPU`,
      adapter,
      ...(wanted.has('engine') && { engine: await take('engine', () => call(page, 'engine', subject, times, warmup)) }),
      ...(wanted.has('naive') && { naive: await take('naive', () => call(page, 'naive', subject, times, warmup)) }),
      ...(wanted.has('scales') &&
        !adapter.software && {
          scales: await take('scales', async () => ({ pairs: await call(page, 'scales', subject, times, warmup) })),
        }),
      ...(wanted.has('growth') &&
        !adapter.software && { growth: await take('growth', () => call(page, 'growth', subject, times, warmup)) }),
      ...(wanted.has('matmul') &&
        !adapter.software && {
          matmul: await take('matmul', () =>
            measureMatmul(page, subject, times, { sizes: [1024, 2048, 4096], batches: [1, 4, 16] }),
          ),
        }),
    }
    return { name: `WebGPU, ${adapter.name}`, platform }
  } finally {
    await visitor.close()
  }
}

function taking(log: Plan['log'], how: Taken) {
  return async <T>(name: PartName, part: () => Promise<T>, rounds = how.rounds): Promise<T & Taken> => {
    const started = performance.now()
    const result = await part()
    log(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
    return { ...result, ...how, rounds }
  }
}

function measureMatmul(
  page: Page,
  model: string,
  rounds: number,
  { sizes, batches }: { sizes: readonly number[]; batches: readonly number[] },
) {
  const flops = JSON.parse(readFileSync('bench/flops.json', 'utf8')) as FlopCounts
  return call(page, 'matmul', model, 'matmul.onnx', flops, { sizes, batches, rounds, warmup: WARMUP })
}

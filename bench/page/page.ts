/** Built and opened by bench/run.ts: what it measures in a browser, within reach of `page.evaluate`. */
import { chooseBackend, inspectGpu } from '../../src/runtime/device'
import { loadOrt } from '../../src/runtime/ort'
import type { BackendName } from '../../src/types'
import { measureBudget } from '../measure/budget'
import type { GraphName } from '../measure/clock'
import { graphDistance, runGraph } from '../measure/graphs'
import { measureGrowth } from '../measure/growth'
import { type FlopCounts, measureMatmul, openMatmul } from '../measure/matmul'
import { measureNaive } from '../measure/naive'
import { measureEngine, measureScales } from '../measure/pictures'
import { startBare, startEngine } from '../measure/start'
import { type HowOnWasm, openSubject, type Subject } from '../measure/subject'

/** By the name that the caller gives them. */
const subjects = new Map<string, Subject>()

function subject(name: string): Subject {
  const found = subjects.get(name)
  if (!found) throw new Error(`${name} has not been opened.`)
  return found
}

let drawn = 0
let multiply: Awaited<ReturnType<typeof openMatmul>> | undefined

const api = {
  /** The adapter that WebGPU offers here. */
  async adapter(): Promise<{ name: string; software: boolean } | undefined> {
    const gpu = await inspectGpu()
    return gpu && { name: gpu.name, software: gpu.software }
  },
  /** Opens a model's folder; `model` is its address, also its name from then on. */
  async open(model: string, backend: BackendName, how?: HowOnWasm): Promise<{ id: string; reason: string }> {
    const folder = new URL(`${model}/`, document.baseURI)
    const files = async (path: string) => new Uint8Array(await (await fetch(new URL(path, folder))).arrayBuffer())
    const { report, device } = await chooseBackend(backend, { features: [], limits: {} })
    const opened = await openSubject(await loadOrt(report.name), files, device, how)
    subjects.set(model, opened)
    return { id: opened.manifest.id, reason: report.reason }
  },
  scales: (model: string, rounds: number, warmup: number) => measureScales(subject(model), rounds, warmup),
  engine: (model: string, rounds: number, warmup: number) => measureEngine(subject(model), rounds, warmup),
  growth: (model: string, rounds: number, warmup: number) => measureGrowth(subject(model), rounds, warmup),
  naive: (model: string, rounds: number, warmup: number) => measureNaive(subject(model), rounds, warmup),
  async matmul(model: string, graph: string, flops: FlopCounts, options: Parameters<typeof measureMatmul>[3]) {
    const bytes = new Uint8Array(await (await fetch(graph)).arrayBuffer())
    return measureMatmul(subject(model), bytes, flops, options)
  },
  /** Milliseconds of one product of square matrices. */
  async matmulOnce(model: string, graph: string, size: number) {
    multiply ??= await openMatmul(subject(model), new Uint8Array(await (await fetch(graph)).arrayBuffer()))
    return multiply(size)
  },
  /** Milliseconds of a batch of the default schedule, its prompt read anew. */
  async picture(model: string, count: number) {
    const prompt = `a red apple ${drawn++}`
    return (await subject(model).pipeline.generate({ prompt, seed: drawn, count })).timings.total
  },
  budget: (model: string, pictures: number) => measureBudget(subject(model), pictures),
  threads: async (model: string) => subject(model).ort.env.wasm.numThreads ?? 1,
  /** Milliseconds of one call. */
  graph: async (model: string, graph: GraphName, size?: number) => (await runGraph(subject(model), graph, size)).ms,
  distance: (model: string, reference: string, graph: GraphName) =>
    graphDistance(subject(model), subject(reference), graph),
  startEngine: (model: string, later?: number) => startEngine(new URL(model, document.baseURI).href, later),
  startBare: (model: string, asyncify: boolean) => startBare(new URL(model, document.baseURI).href, asyncify),
}

export type BenchApi = typeof api

declare global {
  interface Window {
    bench: BenchApi
  }
}

window.bench = api

import type * as OrtModule from 'onnxruntime-web/webgpu'
import { loadPart } from '../load-part'
import type { BackendName } from '../types'
import { waits } from '../waits'
import { type Build, chooseBuild } from './builds'
import { nodeBuild } from './node-build'

export type Ort = typeof OrtModule
export type Session = OrtModule.InferenceSession
export type Tensor = OrtModule.Tensor

/** What a session runs on; always one, as ORT given two would fall back without a word. */
export type Execution = { readonly name: 'wasm' } | { readonly name: 'webgpu'; readonly device: GPUDevice }

const loading = new Map<Build, Promise<Ort>>()
let creating: Promise<unknown> = Promise.resolve()
const builds = new WeakMap<Ort, Build>()
/** Why ONNX Runtime did not start: it says that once, and then only that it had failed. */
const failures = new WeakMap<Ort, unknown>()

/**
 * Loads ONNX Runtime once a thread, the smallest build that runs a backend here. `wasmPaths` is the folder with its .wasm
 * and .mjs files, or the address of one build's .wasm under its own name; without it the bundler's own copy is used.
 *
 * @throws EngineError 'DownloadFailed'
 */
export async function loadOrt(backend: BackendName = 'wasm', wasmPaths?: string): Promise<Ort> {
  const build = chooseBuild(backend, wasmPaths)
  try {
    const ort = loading.get(build) ?? loadPart(`ONNX Runtime for ${backend}`, configured(build, wasmPaths))
    loading.set(build, ort)
    return await ort
  } catch (error) {
    loading.delete(build)
    throw error
  }
}

async function configured(build: Build, wasmPaths?: string): Promise<Ort> {
  const ort = await importOrt(build)
  builds.set(ort, build)
  // `chooseThreads` raises it for WASM; beside a GPU there is only a text encoder, which gains nothing.
  ort.env.wasm.numThreads = 1
  // Its timer would keep Node from ending.
  if (!nodeBuild) ort.env.wasm.initTimeout = waits.runtimeMs
  ort.env.logLevel = 'error'
  if (wasmPaths) ort.env.wasm.wasmPaths = wasmPaths.endsWith('.wasm') ? { wasm: wasmPaths } : wasmPaths
  return ort
}

export function buildOf(ort: Ort): Build | undefined {
  return builds.get(ort)
}

function importOrt(build: Build): Promise<Ort> {
  if (nodeBuild) return nodeBuild()
  if (build === 'wasm') return import('onnxruntime-web/wasm')
  return build === 'jspi' ? import('onnxruntime-web/jspi') : import('onnxruntime-web/webgpu')
}

/** What is said when ONNX Runtime fails is loaded when it does. */
export function problems() {
  return loadPart('ort-problems', import('./ort-problems'))
}

export type OptimizationLevel = NonNullable<OrtModule.InferenceSession.SessionOptions['graphOptimizationLevel']>

/** A file with weights of a graph, by the name that the graph gives it (ONNX external data). */
export interface ExternalData {
  readonly path: string
  /** A Blob for the build with JSPI alone. */
  readonly data: Uint8Array | Blob
}

/**
 * Creates one session; creations wait for each other, because ORT's must not overlap. The first one fetches ONNX Runtime's
 * .wasm.
 *
 * @throws EngineError 'ModelFailed', 'OutOfMemory'; 'DownloadFailed' where that .wasm does not come.
 */
export async function createSession(
  ort: Ort,
  file: string,
  bytes: Uint8Array,
  execution: Execution,
  externalData: readonly ExternalData[] = [],
  level?: OptimizationLevel,
): Promise<Session> {
  const gpu = execution.name === 'webgpu'
  const creation = creating.then(() =>
    ort.InferenceSession.create(bytes, {
      executionProviders: [gpu ? { name: 'webgpu', device: execution.device } : 'wasm'],
      externalData,
      // Our graphs are written with fused operators: on WASM the levels above find nothing more, give the same bits in the
      // same time, and took a sixth of the 2.4 s that the three sessions of emoji 0.11 needed in a fresh process.
      graphOptimizationLevel: level ?? (gpu ? 'all' : 'basic'),
      ...(gpu && { preferredOutputLocation: 'gpu-buffer' }),
      logSeverityLevel: 3,
    }),
  )
  creating = creation.catch(() => {})
  try {
    return await creation
  } catch (cause) {
    if (!failures.has(ort)) failures.set(ort, cause)
    throw (await problems()).sessionProblem(file, execution.name, cause, failures.get(ort))
  }
}

/**
 * Runs a session for one output and checks its shape. The caller disposes the tensor.
 *
 * @throws EngineError 'ModelFailed', 'OutOfMemory'
 */
export async function run(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  output: string,
  dims: readonly number[],
): Promise<Tensor> {
  const tensor = (await runOutputs(session, feeds, [output]))[output] as Tensor
  if (tensor.dims.join() === dims.join()) return tensor
  tensor.dispose()
  throw (await problems()).wrongOutput(output, tensor, dims)
}

/**
 * Runs a session for some outputs, each of them float32. The caller disposes the tensors.
 *
 * @throws EngineError 'ModelFailed', 'OutOfMemory'
 */
export async function runOutputs(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  let tensors: Readonly<Record<string, Tensor>>
  try {
    tensors = await session.run(feeds, outputs)
  } catch (cause) {
    throw (await problems()).runProblem(outputs, cause)
  }
  const wrong = outputs.find((output) => tensors[output]?.type !== 'float32')
  if (wrong === undefined) return tensors
  for (const tensor of Object.values(tensors)) tensor.dispose()
  throw (await problems()).wrongOutput(wrong, tensors[wrong])
}

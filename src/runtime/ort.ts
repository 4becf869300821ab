import type * as OrtModule from 'onnxruntime-web/webgpu'
import { EngineError } from '../errors'
import type { BackendName } from '../types'

export type Ort = typeof OrtModule
export type Session = OrtModule.InferenceSession
export type Tensor = OrtModule.Tensor

/** What a session runs on; always one, as ORT given two would fall back without a word. */
export type Execution = { readonly name: 'wasm' } | { readonly name: 'webgpu'; readonly device: GPUDevice }

const loading = new Map<Build, Promise<Ort>>()
let creating: Promise<unknown> = Promise.resolve()

/**
 * The packages of ONNX Runtime's builds: `wasm` has no WebGPU and half of the bytes; `webgpu` suspends its calls by code
 * that was rewritten for it (asyncify), `jspi` by the browser's own means. Each has its own .wasm.
 */
type Build = 'wasm' | 'webgpu' | 'jspi'

/**
 * Loads ONNX Runtime once a thread, the smallest build that runs a backend here. `wasmPaths` is the folder with its .wasm
 * and .mjs files, or the address of one build's .wasm under its own name; without it the bundler's own copy is used.
 *
 * @throws EngineError 'DownloadFailed'
 */
export async function loadOrt(backend: BackendName = 'wasm', wasmPaths?: string): Promise<Ort> {
  const build = chooseBuild(backend, wasmPaths)
  try {
    const ort = loading.get(build) ?? configured(build, wasmPaths)
    loading.set(build, ort)
    return await ort
  } catch (cause) {
    loading.delete(build)
    throw new EngineError(
      'DownloadFailed',
      'ONNX Runtime could not be loaded. Check the network connection and that the files beside the worker were ' +
        'published; then try again.',
      { cause },
    )
  }
}

/** A .wasm of an unknown name is the one that runs everywhere. */
export function chooseBuild(backend: BackendName, wasmPaths = ''): Build {
  if (wasmPaths.endsWith('.wasm')) return /\.jspi\b/.test(wasmPaths) ? 'jspi' : 'webgpu'
  return backend === 'wasm' ? 'wasm' : 'Suspending' in WebAssembly ? 'jspi' : 'webgpu'
}

async function configured(build: Build, wasmPaths?: string): Promise<Ort> {
  const ort = await importOrt(build)
  // `useThreads` raises it for WASM; beside a GPU there is only a text encoder, which gains nothing.
  ort.env.wasm.numThreads = 1
  ort.env.logLevel = 'error'
  if (wasmPaths) ort.env.wasm.wasmPaths = wasmPaths.endsWith('.wasm') ? { wasm: wasmPaths } : wasmPaths
  return ort
}

/** Node takes the package's small WASM build. The name is a variable so that no bundler ships that build as well. */
function importOrt(build: Build): Promise<Ort> {
  if ('document' in globalThis || 'WorkerGlobalScope' in globalThis) {
    if (build === 'wasm') return import('onnxruntime-web/wasm')
    return build === 'jspi' ? import('onnxruntime-web/jspi') : import('onnxruntime-web/webgpu')
  }
  const nodeBuild: string = 'onnxruntime-web'
  return import(/* @vite-ignore */ /* webpackIgnore: true */ nodeBuild)
}

/** A file with weights of a graph, by the name that the graph gives it (ONNX external data). */
export interface ExternalData {
  readonly path: string
  readonly data: Uint8Array
}

/** Creates one session; creations wait for each other, because ORT's must not overlap. Throws `ModelFailed`. */
export async function createSession(
  ort: Ort,
  file: string,
  bytes: Uint8Array,
  execution: Execution,
  externalData: readonly ExternalData[] = [],
): Promise<Session> {
  const gpu = execution.name === 'webgpu'
  const creation = creating.then(() =>
    ort.InferenceSession.create(bytes, {
      executionProviders: [gpu ? { name: 'webgpu', device: execution.device } : 'wasm'],
      externalData,
      ...(gpu && { preferredOutputLocation: 'gpu-buffer' }),
      logSeverityLevel: 3,
    }),
  )
  creating = creation.catch(() => {})
  try {
    return await creation
  } catch (cause) {
    const remedy = MEMORY.test(String(cause))
      ? 'There is not enough memory for it. Close other tabs, or choose a smaller model'
      : gpu
        ? "Try backend: 'wasm', or update the browser"
        : 'Check that the file is an ONNX model of opset 23 or below'
    throw new EngineError(
      'ModelFailed',
      `${file} could not be prepared for ${execution.name}: ${text(cause)}. ${remedy}.`,
      { cause },
    )
  }
}

/** How C++, the WASM glue, JavaScript and WebGPU say that memory ran out. */
const MEMORY = /bad_alloc|alloc(ate|ation)\b|out of memory|\boom\b|RangeError/i

/**
 * Runs a session for one output and checks its shape. The caller disposes the tensor.
 *
 * @throws EngineError 'ModelFailed'
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
  throw wrongOutput(output, tensor, `float32 of ${dims.join('×')}`)
}

/**
 * Runs a session for some outputs, each of them float32. The caller disposes the tensors.
 *
 * @throws EngineError 'ModelFailed'
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
    throw new EngineError(
      'ModelFailed',
      `The model stopped at '${outputs.join("', '")}': ${text(cause)}. Try the other backend; if it stops there too, its ` +
        'manifest.json and its ONNX files do not belong together: export the model again.',
      { cause },
    )
  }
  const wrong = outputs.find((output) => tensors[output]?.type !== 'float32')
  if (wrong === undefined) return tensors
  for (const tensor of Object.values(tensors)) tensor.dispose()
  throw wrongOutput(wrong, tensors[wrong], 'float32')
}

function wrongOutput(output: string, found: Pick<Tensor, 'type' | 'dims'> | undefined, expected: string): EngineError {
  const words = found ? `${found.type} of ${found.dims.join('×')}` : 'nothing'
  return new EngineError(
    'ModelFailed',
    `The model's output '${output}' is ${words}, expected ${expected}. Its manifest.json and its ONNX files do not belong ` +
      'together; export the model again.',
  )
}

function text(cause: unknown): string {
  // The sentences that it is put into end by themselves.
  return (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.+$/, '')
}

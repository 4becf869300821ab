/** What went wrong in ONNX Runtime, in words; loaded when it does. */
import { EngineError } from '../errors'
import type { BackendName } from '../types'

/** How ORT says that its own .wasm did not come. */
const NO_RUNTIME =
  /no available backend|initWasm|wasm streaming compile|both async and sync fetching|backend initializing/i
/** The same, once it had said why. */
const FAILED_BEFORE = /previous call to/

/** How C++, the WASM glue, JavaScript and WebGPU say that memory ran out, or that more was asked for than can be addressed. */
const MEMORY =
  /bad_alloc|alloc(ate|ation)\b|out of memory|\boom\b|RangeError|shape is too large|(exceeds|larger than) the max/i

export function outOfMemory(what: string, cause: unknown): EngineError {
  return new EngineError(
    'OutOfMemory',
    `${what}: there is not enough memory (${text(cause)}). Close other tabs, draw fewer or smaller pictures at once, or ` +
      'choose a smaller model.',
    { cause },
  )
}

export function lacksMemory(cause: unknown): boolean {
  return MEMORY.test(String(cause))
}

/** `first`: what ONNX Runtime said when a session could not be made for the first time. */
export function sessionProblem(file: string, backend: BackendName, latest: unknown, first = latest): EngineError {
  const cause = FAILED_BEFORE.test(String(latest)) ? first : latest
  const what = `${file} could not be prepared for ${backend}`
  if (lacksMemory(cause)) return outOfMemory(what, cause)
  if (NO_RUNTIME.test(String(cause))) {
    return new EngineError(
      'DownloadFailed',
      `ONNX Runtime could not be started for ${backend}: ${text(cause)}. Check the network connection and that ` +
        `${runtimeFile(backend, String(cause))} is served as it comes with onnxruntime-web; if it lies elsewhere, name its ` +
        'folder by wasmPaths. Then try again.',
      { cause },
    )
  }
  const remedy =
    backend === 'webgpu'
      ? "Try backend: 'wasm', or update the browser"
      : 'Check that the file is an ONNX model of opset 23 or below'
  return new EngineError('ModelFailed', `${what}: ${text(cause)}. ${remedy}.`, { cause })
}

/** The file that did not come or was another: as ORT calls it, else as the browser asked for it, else its name. */
function runtimeFile(backend: BackendName, cause: string): string {
  const [named] = /\bhttps?:\S+\.(mjs|wasm)\b/.exec(cause) ?? []
  if (named) return named
  const build = backend === 'wasm' ? '' : 'Suspending' in WebAssembly ? '.jspi' : '.asyncify'
  const base = `ort-wasm-simd-threaded${build}`
  const asked = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  // Bundlers add a hash to its name; a .wasm that `wasmPaths` gives may have any.
  const own = asked.findLast(({ name }) => name.includes(`/${base}.wasm`) || name.includes(`/${base}-`))
  const { name, responseStatus = 0 } = own ??
    asked.findLast(({ name }) => /\.wasm$/.test(name)) ?? { name: `${base}.wasm` }
  return responseStatus >= 400 ? `${name} (status ${responseStatus})` : name
}

export function runProblem(outputs: readonly string[], cause: unknown): EngineError {
  const what = `The model stopped at '${outputs.join("', '")}'`
  if (lacksMemory(cause)) return outOfMemory(what, cause)
  return new EngineError(
    'ModelFailed',
    `${what}: ${text(cause)}. Try the other backend; if it stops there too, its manifest.json and its ONNX files do not ` +
      'belong together: export the model again.',
    { cause },
  )
}

/** `dims`: what was expected, where the type was right. */
export function wrongOutput(
  output: string,
  found: { readonly type: string; readonly dims: readonly number[] } | undefined,
  dims?: readonly number[],
): EngineError {
  const words = found ? `${found.type} of ${found.dims.join('×')}` : 'nothing'
  const expected = dims ? `float32 of ${dims.join('×')}` : 'float32'
  return new EngineError(
    'ModelFailed',
    `The model's output '${output}' is ${words}, expected ${expected}. Its manifest.json and its ONNX files do not belong ` +
      'together; export the model again.',
  )
}

export function notOnePrompt(output: string, dims: readonly number[]): EngineError {
  return new EngineError(
    'ModelFailed',
    `The text encoder's output '${output}' has the shape ${dims.join('×')} for one prompt. Export it with the batch as ` +
      'its first dimension.',
  )
}

/** Of ORT's words the first 300 characters. */
function text(cause: unknown): string {
  const words = (cause instanceof Error ? cause.message : String(cause)).trim()
  // The sentences that it is put into end by themselves.
  return (words.length > 300 ? `${words.slice(0, 300)}…` : words).replace(/\.+$/, '')
}

/** What went wrong in ONNX Runtime, in words; loaded when it does. */
import { EngineError } from '../errors'
import type { BackendName } from '../types'

/** How ORT says that its own .wasm did not come. */
const NO_RUNTIME =
  /no available backend|initWasm|wasm streaming compile|both async and sync fetching|backend initializing/i

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

export function sessionProblem(file: string, backend: BackendName, cause: unknown): EngineError {
  const what = `${file} could not be prepared for ${backend}`
  if (lacksMemory(cause)) return outOfMemory(what, cause)
  if (NO_RUNTIME.test(String(cause))) {
    return new EngineError(
      'DownloadFailed',
      `ONNX Runtime could not be started for ${backend}: ${text(cause)}. Check the network connection and that its .wasm ` +
        'file was published (wasmPaths); then try again.',
      { cause },
    )
  }
  const remedy =
    backend === 'webgpu'
      ? "Try backend: 'wasm', or update the browser"
      : 'Check that the file is an ONNX model of opset 23 or below'
  return new EngineError('ModelFailed', `${what}: ${text(cause)}. ${remedy}.`, { cause })
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

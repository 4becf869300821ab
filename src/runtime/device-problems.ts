/** Why there is no WebGPU, in words; loaded when there is none. */
import { EngineError, shown } from '../errors'

/** Problem and remedy; the detail stands between them. */
const WORDS = {
  noApi: ['This browser offers no WebGPU here', 'Use a current browser over https, or the WASM backend'],
  noAnswer: ['WebGPU could not look for a GPU', 'Start the browser again, or use the WASM backend'],
  noAdapter: ['WebGPU found no usable GPU', 'Turn on hardware acceleration, or use the WASM backend'],
  lacking: ['The GPU lacks what the model requires', 'Use the WASM backend'],
  refused: ['The GPU refused a device', 'Close other tabs that use it, or use the WASM backend'],
} as const

export type GpuProblem = keyof typeof WORDS

export function noWebGpuError(problem: GpuProblem, detail?: unknown): EngineError {
  const [what, remedy] = WORDS[problem]
  const words = detail instanceof Error ? detail.message : detail
  return new EngineError('NoWebGPU', `${what}${words ? ` (${words})` : ''}. ${remedy}.`, { cause: detail })
}

export function noBackend(wanted: unknown): EngineError {
  return new EngineError('InvalidRequest', `There is no backend ${shown(wanted)}. Use 'auto', 'webgpu' or 'wasm'.`)
}

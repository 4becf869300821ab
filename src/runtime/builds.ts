import type { BackendName } from '../types'

/**
 * The packages of ONNX Runtime's builds: `wasm` has no WebGPU and half of the bytes; `webgpu` suspends its calls by code
 * that was rewritten for it (asyncify), `jspi` by the browser's own means. Each has its own .wasm.
 */
export type Build = 'wasm' | 'webgpu' | 'jspi'

/** Bytes of each build's .wasm, as a server without compression sends it (onnxruntime-web 1.30.0; a test compares). */
export const RUNTIME_BYTES: Readonly<Record<Build, number>> = { wasm: 14_239_897, webgpu: 26_781_914, jspi: 16_758_545 }

/** A .wasm of an unknown name is the one that runs everywhere. */
export function chooseBuild(backend: BackendName, wasmPaths = ''): Build {
  if (wasmPaths.endsWith('.wasm')) return /\.jspi\b/.test(wasmPaths) ? 'jspi' : 'webgpu'
  return backend === 'wasm' ? 'wasm' : 'Suspending' in WebAssembly ? 'jspi' : 'webgpu'
}

import asyncify from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'
import jspi from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url'

/**
 * Has the service worker keep the build of ONNX Runtime that draws on this browser's GPU, if any: on a first visit the
 * engine fetched it before there was a service worker. It comes from the browser's HTTP cache then. The build for WASM is
 * among the files that the service worker always has.
 */
export async function keepRuntime(): Promise<void> {
  const { probe } = await import('./lazy-probe')
  const { backend } = await probe()
  if (backend?.name === 'webgpu') await fetch('Suspending' in WebAssembly ? jspi : asyncify)
}

import type { Ort } from './ort'

/** More gain nothing for matrices of these sizes, and `hardwareConcurrency` counts the halves of a core. */
const MOST_THREADS = 4

/**
 * Threads that pay on this machine. The page keeps a core where there are more than two; of two both draw, for the page
 * itself has little to do meanwhile. One where memory cannot be shared: the page is not cross-origin isolated.
 */
export function payingThreads(isolated: boolean, cores: number): number {
  return isolated ? Math.max(1, Math.min(MOST_THREADS, cores > 2 ? cores - 1 : cores)) : 1
}

/**
 * Lets ONNX Runtime's WASM have threads, before its first session. They are one pool for all graphs, of which a graph
 * takes what its matrices are worth: reading eight tokens takes one thread's time with two. Pictures stay the same to the
 * bit, for a sum is never divided. Returns how many.
 */
export function chooseThreads({ env: { wasm } }: Ort): number {
  // Thread workers run the runtime's own script: one from another origin would have to be copied into a blob, which
  // policies forbid.
  const own = typeof wasm.wasmPaths !== 'string' || new URL(wasm.wasmPaths).origin === globalThis.location?.origin
  wasm.numThreads = own ? threadsHere().used : 1
  return wasm.numThreads
}

/** `used`: threads of WASM in a page like this; `isolated`: as many as there would be, were the page isolated. */
export function threadsHere(): { readonly used: number; readonly isolated: number } {
  // Node has not both of them.
  const { crossOriginIsolated = false, navigator }: Partial<typeof globalThis> = globalThis
  const cores = navigator?.hardwareConcurrency ?? 1
  return { used: payingThreads(crossOriginIsolated, cores), isolated: payingThreads(true, cores) }
}

/** What a page of the fault tests and the hooks in its worker say to each other. */

export type WorkerCommand =
  /** An uncaught error. */
  | 'throw'
  /** The worker ends without a word, as one that the browser kills. */
  | 'close'
  /** The GPU is lost when the denoiser starts on the second scale: the first work after an `advance` kernel. */
  | 'loseDrawing'
  /** The GPU is lost now. */
  | 'lose'
  | 'measure'

/** What a worker's name asks for from its start. `loseLoading`: the GPU is lost at the first buffer made on it. */
export type WorkerPlan = 'sound' | 'noAdapter' | 'noGpu' | 'loseLoading' | 'loseDrawing'

export interface Measured {
  /** GPU buffers made, neither destroyed nor collected. */
  readonly buffers: number
  /** Bytes of WebAssembly memory. It never shrinks. */
  readonly wasm: number
}

export interface WorkerOrder {
  readonly id: number
  readonly command: WorkerCommand
}

export interface WorkerReply {
  readonly id: number
  readonly measured: Measured
}

export const ORDERS = 'scalewise/test-orders'
export const REPLIES = 'scalewise/test-replies'

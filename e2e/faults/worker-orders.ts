/** What a page of the fault tests and the hooks in its worker say to each other. */

export type WorkerCommand =
  /** An uncaught error. */
  | 'throw'
  /** The worker ends without a word, as one that the browser kills. */
  | 'close'
  /** The GPU is lost when the denoiser starts on the second scale: the first work after an `advance` kernel. */
  | 'loseDrawing'
  /** It computes for ever, as a hostile pattern would. */
  | 'hang'
  /** The GPU is lost now. */
  | 'lose'
  | 'measure'

/** What a worker's name asks for from its start. */
export type WorkerPlan =
  | 'sound'
  | 'noAdapter'
  | 'noGpu'
  /** The GPU is lost at the first buffer made on it. */
  | 'loseLoading'
  | 'loseDrawing'
  /** A browser before AbortSignal.any, Promise.withResolvers and Symbol.asyncDispose. */
  | 'oldBrowser'
  /** Short waits. */
  | 'impatient'
  | 'rejectAdapter'
  | 'silentAdapter'
  // The rest pretend that the software adapter is a GPU, so that `auto` takes it.
  | 'realGpu'
  | 'silentDevice'
  | 'refuseDevice'
  /** ONNX Runtime's shaders do not compile. */
  | 'badShaders'
  /** The bind groups of our kernel `advance` are wrong. */
  | 'badBindings'
  /** The driver reports that memory ran out. */
  | 'noGpuMemory'
  /** The denoiser answers NaN. */
  | 'nanVelocity'

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

import type { LoadReport } from '../bridge/messages'
import { type EngineError, isEngineError, throwIfAborted, unlessAborted } from '../errors'
import type { BackendReport } from '../types'
import { type Connection, disposedError } from './connection'

/** A worker with its model. */
export interface LoadedWorker extends LoadReport {
  /** Of its last picture: where a GPU fails, the processor takes over. */
  backend: BackendReport
  readonly connection: Connection
}

/** A worker that is being loaded; its connection can be ended meanwhile. */
export interface Opening {
  readonly connection: Connection
  readonly loaded: Promise<LoadedWorker>
}

/** Keeps one loaded worker: a fresh one takes the place of one that was lost. */
export class WorkerSupervisor {
  readonly #open: (because?: string) => Opening
  readonly #auto: boolean
  #because: string | undefined
  #opening: Opening | undefined
  #last: LoadedWorker
  #disposed: EngineError | undefined

  /**
   * `open` starts a worker and loads the model into it, with the options that `first` was loaded with; on the processor
   * where it is told why. `auto`: whether that is allowed.
   */
  constructor(first: LoadedWorker, open: (because?: string) => Opening, auto = false) {
    this.#auto = auto
    this.#last = first
    this.#open = open
  }

  /** The worker that drew last, or a lost one's successor. */
  get last(): LoadedWorker {
    return this.#last
  }

  /**
   * The worker to call. Loads a fresh one if the last was lost; those who ask meanwhile wait for the same one, and the
   * signal ends the waiting alone.
   *
   * @throws EngineError 'Disposed', 'AbortError' or what loading failed with.
   */
  async worker(signal?: AbortSignal): Promise<LoadedWorker> {
    if (this.#disposed) throw this.#disposed
    throwIfAborted(signal)
    if (!this.#last.connection.ended) return this.#last
    this.#opening ??= this.#revive()
    return unlessAborted(this.#opening.loaded, signal)
  }

  /** From now on the processor draws; false where that is not the engine's to choose. */
  leaveGpu(because: string): boolean {
    this.#because = because
    return this.#auto
  }

  /** Ends everything. */
  dispose(): void {
    this.#disposed ??= disposedError()
    this.#last.connection.end(this.#disposed)
    this.#opening?.connection.end(this.#disposed)
  }

  #revive(): Opening {
    const { connection, loaded } = this.#open(this.#auto ? this.#because : undefined)
    const settled = loaded
      .then((worker) => {
        this.#last = worker
        return worker
      })
      .finally(() => {
        this.#opening = undefined
      })
    // Whoever asked may have stopped waiting.
    settled.catch(() => {})
    return { connection, loaded: settled }
  }
}

/**
 * Runs `draw`. When its worker loses the GPU, runs it once more on a fresh worker; when that loses it as well, and the
 * engine may choose, on the processor. `onLoss` hears of each.
 */
export async function retryOnDeviceLoss<T>(
  supervisor: WorkerSupervisor,
  signal: AbortSignal | undefined,
  draw: (worker: LoadedWorker) => Promise<T>,
  onLoss: (error: EngineError) => void,
): Promise<T> {
  for (let losses = 0; ; losses++) {
    const worker = await supervisor.worker(signal)
    try {
      return await draw(worker)
    } catch (error) {
      if (!isEngineError(error, 'DeviceLost')) throw error
      // It can draw no more: its other calls reject with the same error, and take the same way.
      worker.connection.end(error)
      // Once is enough: a GPU that goes away again would do so for ever. The next request finds a fresh worker.
      if (losses > 0 && !supervisor.leaveGpu(error.message)) throw error
      onLoss(error)
    }
  }
}

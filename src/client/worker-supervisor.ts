import type { LoadReport } from '../bridge/messages'
import { type EngineError, isEngineError, throwIfAborted, unlessAborted } from '../errors'
import { type Connection, disposedError } from './connection'

/** A worker with its model. */
export interface LoadedWorker extends LoadReport {
  readonly connection: Connection
}

/** A worker that is being loaded; its connection can be ended meanwhile. */
export interface Opening {
  readonly connection: Connection
  readonly loaded: Promise<LoadedWorker>
}

/** Keeps one loaded worker: a fresh one takes the place of one that was lost. */
export class WorkerSupervisor {
  readonly #open: () => Opening
  #opening: Opening | undefined
  #last: LoadedWorker
  #disposed: EngineError | undefined

  /** `open` starts a worker and loads the model into it, with the options that `first` was loaded with. */
  constructor(first: LoadedWorker, open: () => Opening) {
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

  /** Ends everything. */
  dispose(): void {
    this.#disposed ??= disposedError()
    this.#last.connection.end(this.#disposed)
    this.#opening?.connection.end(this.#disposed)
  }

  #revive(): Opening {
    const { connection, loaded } = this.#open()
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

/** Runs `draw`; when its worker loses the GPU, calls `onLoss` and runs it once more on a fresh worker. */
export async function retryOnDeviceLoss<T>(
  supervisor: WorkerSupervisor,
  signal: AbortSignal | undefined,
  draw: (worker: LoadedWorker) => Promise<T>,
  onLoss: (error: EngineError) => void,
): Promise<T> {
  const worker = await supervisor.worker(signal)
  try {
    return await draw(worker)
  } catch (error) {
    if (!isEngineError(error, 'DeviceLost')) throw error
    // It can draw no more: its other calls reject with the same error, and take the same way.
    worker.connection.end(error)
    onLoss(error)
  }
  const successor = await supervisor.worker(signal)
  try {
    return await draw(successor)
  } catch (error) {
    // Once is enough: a GPU that goes away again would do so for ever. The next request finds a fresh worker.
    if (isEngineError(error, 'DeviceLost')) successor.connection.end(error)
    throw error
  }
}

import { EngineError, type EngineErrorName, throwIfAborted } from '../errors'
import type { ModelInfo } from '../manifest'
import type { BackendReport } from '../types'
import type { Connection } from './connection'

/** A worker with its model. */
export interface LoadedWorker {
  readonly connection: Connection
  readonly model: ModelInfo
  readonly backend: BackendReport
  /** Whether the whole model is in this browser's store. */
  readonly stored: boolean
}

/** A worker that is being loaded; its connection can be ended meanwhile. */
export interface Opening {
  readonly connection: Connection
  readonly loaded: Promise<LoadedWorker>
}

/** Keeps one loaded worker: a fresh one takes the place of one that was lost. */
export class Host {
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
   * signal ends the waiting alone. Rejects with `Disposed`, `AbortError` or what loading failed with.
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
    this.#disposed ??= new EngineError('Disposed', 'The engine was disposed. Create a new one with createEngine.')
    this.#last.connection.end(this.#disposed)
    this.#opening?.connection.end(this.#disposed)
  }

  #revive(): Opening {
    const { connection, loaded } = this.#open()
    const settled = loaded.then(
      (worker) => {
        this.#last = worker
        this.#opening = undefined
        return worker
      },
      (error: unknown) => {
        this.#opening = undefined
        throw error
      },
    )
    // Whoever asked may have stopped waiting.
    settled.catch(() => {})
    return { connection, loaded: settled }
  }
}

/** Runs `draw`; when its worker loses the GPU, tells of it and runs it once more on a fresh worker. */
export async function drawDespiteLoss<T>(
  host: Host,
  signal: AbortSignal | undefined,
  draw: (worker: LoadedWorker) => Promise<T>,
  onLoss: (error: EngineError) => void,
): Promise<T> {
  const worker = await host.worker(signal)
  try {
    return await draw(worker)
  } catch (error) {
    if (!isLoss(error)) throw error
    // It can draw no more: its other calls reject with the same error, and take the same way.
    worker.connection.end(error)
    onLoss(error)
  }
  const successor = await host.worker(signal)
  try {
    return await draw(successor)
  } catch (error) {
    // Once is enough: a GPU that goes away again would do so for ever. The next request finds a fresh worker.
    if (isLoss(error)) successor.connection.end(error)
    throw error
  }
}

function isLoss(error: unknown): error is EngineError {
  return error instanceof EngineError && error.name === ('DeviceLost' satisfies EngineErrorName)
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let stop = () => {}
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop)
  })
  try {
    await Promise.race([work, aborted])
    throwIfAborted(signal)
    return await work
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

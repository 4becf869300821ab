import { watchLiveness } from '../bridge/liveness'
import { connectTo, type Remote } from '../bridge/remote'
import { EngineError, type EngineErrorName, throwIfAborted } from '../errors'
import { waits } from '../waits'
import type { EngineApi } from '../worker/worker'

/**
 * Holds the proxies of every open engine: a call through a proxy that was garbage-collected never settles
 * (comlink issue 692).
 */
const open = new Set<Connection>()

/** One worker and the calls that are under way in it. */
export class Connection {
  readonly #worker: Worker
  readonly #api: Remote<EngineApi>
  readonly #pending = new Set<(error: EngineError) => void>()
  #ended: EngineError | undefined
  #calls = 0

  constructor(worker: Worker) {
    this.#worker = worker
    this.#api = connectTo<EngineApi>(worker)
    open.add(this)
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.#crashed(event.message || 'its script could not be loaded')
    })
    worker.addEventListener('messageerror', () => this.#crashed('a message could not be read'))
    void watchLiveness(
      (name) => this.#api.hold(name),
      (reason) => this.#crashed(reason),
    )
  }

  /** Why it takes no more calls; undefined while it does. */
  get ended(): EngineError | undefined {
    return this.#ended
  }

  /**
   * Calls the worker under a new number. The signal cancels the call there, and the promise settles when the work has
   * really stopped; a worker that does not stop within `stopMs` is ended, as nothing stops a compilation or a run.
   *
   * @throws EngineError also when the worker dies ('WorkerCrashed') or is ended ('Disposed').
   */
  async call<T>(
    signal: AbortSignal | undefined,
    start: (api: Remote<EngineApi>, id: number) => Promise<T>,
    stopMs = waits.stopMs,
  ): Promise<T> {
    if (this.#ended) throw this.#ended
    throwIfAborted(signal)
    const id = this.#calls++
    let fail: (error: EngineError) => void = () => {}
    let stopping: ReturnType<typeof setTimeout> | undefined
    const cancel = () => {
      void this.#api.cancel(id)
      stopping = setTimeout(() => this.#crashed('a cancelled call did not stop'), stopMs)
    }
    signal?.addEventListener('abort', cancel)
    try {
      const result = await new Promise<T>((resolve, reject) => {
        fail = reject
        this.#pending.add(fail)
        start(this.#api, id).then(resolve, (error: unknown) => reject(revive(error, signal)))
      })
      // The result may have been on its way already: a cancelled caller does not want it.
      throwIfAborted(signal)
      return result
    } finally {
      this.#pending.delete(fail)
      signal?.removeEventListener('abort', cancel)
      clearTimeout(stopping)
    }
  }

  /** Stops the worker, which frees its memory and its GPU device, and rejects what is under way. */
  end(reason = disposedError()): void {
    if (this.#ended) return
    this.#ended = reason
    this.#worker.terminate()
    for (const reject of this.#pending) reject(reason)
    open.delete(this)
  }

  #crashed(detail: string): void {
    this.end(
      new EngineError(
        'WorkerCrashed',
        `The engine's worker stopped (${detail}). Try again: the next call starts a fresh one. If your bundler left out its ` +
          "script: npx scalewise copy-page public/scalewise, and the option worker: '/scalewise/worker.js'.",
      ),
    )
  }
}

export function disposedError(): EngineError {
  return new EngineError('Disposed', 'The engine was disposed. Create a new one with createEngine.')
}

/** An error's class does not survive the boundary; its name and message do. */
function revive(error: unknown, signal: AbortSignal | undefined): EngineError {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (name === 'DataCloneError') {
    const problem = `The request holds something that cannot be sent (${message})`
    const remedy = 'Give plain values'
    return new EngineError('InvalidRequest', `${problem}. ${remedy}.`, { cause: error })
  }
  const cause = name === 'AbortError' ? signal?.reason : error
  return new EngineError(name as EngineErrorName, message, { cause })
}

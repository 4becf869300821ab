import { EngineError, throwIfAborted } from '../errors'

/** The page's calls that run here. A signal cannot cross to a worker: each call has a number, and `cancel` names it. */
export class RunningCalls {
  readonly #running = new Map<number, AbortController>()

  /**
   * Runs a call until its work and its listeners have ended.
   *
   * @throws EngineError whatever the work threw: 'ModelFailed' for an error that is none, 'AbortError' for anything once
   * the call was cancelled.
   */
  async run<T>(
    id: number,
    listeners: { close(): Promise<unknown> },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController()
    this.#running.set(id, controller)
    try {
      return await work(controller.signal)
    } catch (error) {
      throwIfAborted(controller.signal)
      throw error instanceof EngineError ? error : unexpected(error)
    } finally {
      this.#running.delete(id)
      await listeners.close()
    }
  }

  /** Does nothing for a call that has ended. */
  cancel(id: number): void {
    this.#running.get(id)?.abort()
  }
}

function unexpected(cause: unknown): EngineError {
  // A buffer that cannot be had is a RangeError.
  const name = cause instanceof RangeError ? 'OutOfMemory' : 'ModelFailed'
  return new EngineError(name, `Unexpectedly: ${String(cause)}. Try again, or try the other backend.`, { cause })
}

import { throwIfAborted, unlessAborted } from '../errors'

/** Runs tasks one at a time, in the order in which they came. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0

  /** Tasks that run or wait. */
  get pending(): number {
    return this.#pending
  }

  /**
   * Resolves with the task's result. A signal that fires while the task waits takes it out of the queue at once
   * (`AbortError`); later the task handles it. A failed task does not stop the next.
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal)
    const turn = this.#last
    let leave = () => {}
    this.#last = Promise.all([turn, new Promise<void>((resolve) => (leave = resolve))])
    this.#pending++
    try {
      await unlessAborted(turn, signal)
      return await task()
    } finally {
      this.#pending--
      leave()
    }
  }
}

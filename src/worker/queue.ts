import { throwIfAborted, unlessAborted } from '../errors'

/** Runs tasks one at a time, in the order in which they came. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** Tasks that run or wait. */
  get length(): number {
    return this.#waiting
  }

  /**
   * Resolves with the task's result. A signal that fires while the task waits takes it out of the queue at once
   * (`AbortError`); later it is the task's own affair. A failed task does not stop the next.
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal)
    const turn = this.#last
    let leave = () => {}
    this.#last = Promise.all([turn, new Promise<void>((resolve) => (leave = resolve))])
    this.#waiting++
    try {
      await unlessAborted(turn, signal)
      return await task()
    } finally {
      this.#waiting--
      leave()
    }
  }
}

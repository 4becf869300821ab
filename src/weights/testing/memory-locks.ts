interface Waiting {
  readonly name: string
  readonly mode: LockMode
  readonly grant: () => void
}

/** Web Locks of one origin, which Node has from version 24 on alone: for tests of what tabs do to each other. */
export class MemoryLocks implements Pick<LockManager, 'request' | 'query'> {
  #held: { name: string; mode: LockMode }[] = []
  #waiting: Waiting[] = []

  async request(name: string, given: LockOptions | LockGrantedCallback<unknown>, work?: LockGrantedCallback<unknown>) {
    const options = typeof given === 'function' ? {} : given
    const { mode = 'exclusive', ifAvailable, signal } = options
    const run = typeof given === 'function' ? given : (work as LockGrantedCallback<unknown>)
    signal?.throwIfAborted()
    if (!this.#isFree(name, mode)) {
      if (ifAvailable) return run(null)
      await new Promise<void>((resolve, reject) => {
        const waiting = { name, mode, grant: resolve }
        this.#waiting.push(waiting)
        signal?.addEventListener('abort', () => {
          this.#waiting = this.#waiting.filter((each) => each !== waiting)
          reject(signal.reason)
        })
      })
    }
    const lock = { name, mode }
    this.#held.push(lock)
    try {
      return await run(lock)
    } finally {
      this.#held = this.#held.filter((each) => each !== lock)
      const next = this.#waiting.find((each) => each.name === name && this.#isFree(name, each.mode))
      this.#waiting = this.#waiting.filter((each) => each !== next)
      next?.grant()
    }
  }

  async query(): Promise<LockManagerSnapshot> {
    return { held: [...this.#held], pending: this.#waiting.map(({ name, mode }) => ({ name, mode })) }
  }

  #isFree(name: string, mode: LockMode): boolean {
    return this.#held.every((held) => held.name !== name || (mode === 'shared' && held.mode === 'shared'))
  }
}

import { EngineError } from '../errors'

/** A device reports its loss at most this much after the failures that the loss causes. */
const DELAY_MS = 500

/** Ends what waits for a GPU when that is lost: a run on a lost device may never end by itself. */
export class DeviceLossGuard {
  #lost: EngineError | undefined
  /** A set of its own, as a promise that lives long would keep everything that ever waited for it. */
  readonly #waiting = new Set<(error: EngineError) => void>()

  /** Until the returned function is called: a device that is destroyed on purpose is not lost. */
  watch(device: Pick<GPUDevice, 'lost'>): () => void {
    let watched = true
    void device.lost.then(({ message }) => {
      if (!watched) return
      const remedy = "Try again; if it happens often, use backend: 'wasm'."
      this.#lost = new EngineError('DeviceLost', `The GPU went away (${message}). ${remedy}`)
      for (const reject of this.#waiting) reject(this.#lost)
    })
    return () => {
      watched = false
    }
  }

  /** Does the work, or rejects with `DeviceLost`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#lost) throw this.#lost
    let fail = (_: EngineError): void => {}
    const lost = new Promise<never>((_, reject) => {
      fail = reject
    })
    lost.catch(() => {}) // Handled by the race below, or no longer of interest.
    this.#waiting.add(fail)
    try {
      return await Promise.race([work(), lost])
    } catch (error) {
      // ORT and the kernels often fail a moment before the device says that it is lost: then that is what happened.
      if (!(error instanceof EngineError) || error.name === 'ModelFailed') {
        await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, DELAY_MS))])
      }
      throw error
    } finally {
      this.#waiting.delete(fail)
    }
  }
}

import type { Conditioning } from './types'

const MAX_PROMPTS = 32
/** SD3.5's conditioning of a prompt has 8 MB. */
const MAX_BYTES = 64_000_000

/** The conditioning of the prompts that were read last: another seed, size or schedule needs no text encoder. */
export class ConditioningCache {
  /** In the order of their last use. */
  readonly #entries = new Map<string, Conditioning>()

  get(text: string): Conditioning | undefined {
    const found = this.#entries.get(text)
    if (found) this.set(text, found)
    return found
  }

  /** Forgets the oldest ones beyond the limits; the newest always stays. */
  set(text: string, conditioning: Conditioning): void {
    this.#entries.delete(text)
    this.#entries.set(text, conditioning)
    let bytes = 0
    let kept = 0
    for (const [key, { tensors }] of [...this.#entries].reverse()) {
      for (const { data } of Object.values(tensors)) bytes += data.byteLength
      if (kept++ > 0 && (kept > MAX_PROMPTS || bytes > MAX_BYTES)) this.#entries.delete(key)
    }
  }
}

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
    for (const [i, [key, entry]] of [...this.#entries].reverse().entries()) {
      bytes += bytesOf(entry)
      if (i > 0 && (i >= MAX_PROMPTS || bytes > MAX_BYTES)) this.#entries.delete(key)
    }
  }
}

function bytesOf({ tensors }: Conditioning): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
}

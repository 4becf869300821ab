import type { TextEmbedding } from '../types'
import { type Ort, run, type Session } from './ort'

/** The text encoder's inputs and output by name; an entry of the manifest's `textEncoders`. */
export interface TextEncoderGraph {
  readonly ids: string
  readonly mask: string
  readonly output: string
  /** Numbers a token. */
  readonly width: number
}

export class OrtTextEncoder {
  readonly #ort: Ort
  readonly #session: Session
  readonly #graph: TextEncoderGraph

  constructor(ort: Ort, session: Session, graph: TextEncoderGraph) {
    this.#ort = ort
    this.#session = session
    this.#graph = graph
  }

  /** Token states of one prompt. `mask` is 1 for a token, 0 for padding. Throws `ModelFailed`. */
  async encode(ids: readonly number[], mask: readonly number[]): Promise<TextEmbedding> {
    const { width, output } = this.#graph
    const tokens = ids.length
    const feeds = { [this.#graph.ids]: this.#int64(ids), [this.#graph.mask]: this.#int64(mask) }
    const tensor = await run(this.#session, feeds, output, [1, tokens, width])
    // On a GPU this copies to the CPU, once a prompt.
    const states = (await tensor.getData(true)) as Float32Array
    return { states, mask: Float32Array.from(mask), tokens, width }
  }

  #int64(values: readonly number[]) {
    return new this.#ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
  }
}

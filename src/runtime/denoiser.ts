import type { Denoiser, Latent, TextEmbedding } from '../types'
import { dims, type TensorBridge } from './bridge'
import { type Ort, run, type Session, type Tensor } from './ort'

/** The student's inputs and outputs by name; the manifest's `denoiser`. */
export interface DenoiserGraph {
  readonly latent: string
  readonly timestep: string
  readonly text: string
  readonly textMask: string
  readonly output: string
  /** The network's time input is this times sigma. */
  readonly timestepScale: number
}

interface UploadedText {
  readonly embedding: TextEmbedding
  readonly batch: number
  readonly states: Tensor
  readonly mask: Tensor
}

/** Runs the student. The text is repeated for the batch and uploaded once, not at every scale. */
export class OrtDenoiser<L extends Latent> implements Denoiser<L> {
  readonly #ort: Ort
  readonly #session: Session
  readonly #bridge: TensorBridge<L>
  readonly #graph: DenoiserGraph
  #uploaded: UploadedText | undefined

  constructor(ort: Ort, session: Session, bridge: TensorBridge<L>, graph: DenoiserGraph) {
    this.#ort = ort
    this.#session = session
    this.#bridge = bridge
    this.#graph = graph
  }

  async velocity(latent: L, sigma: number, text: TextEmbedding): Promise<L> {
    const { latent: input, timestep, text: states, textMask, output, timestepScale } = this.#graph
    const { batch } = latent.shape
    const uploaded = this.#upload(text, batch)
    const feeds = {
      [input]: this.#bridge.input(latent),
      [timestep]: new this.#ort.Tensor('float32', new Float32Array(batch).fill(timestepScale * sigma), [batch]),
      [states]: uploaded.states,
      [textMask]: uploaded.mask,
    }
    return this.#bridge.output(await run(this.#session, feeds, output, dims(latent.shape)), latent.shape)
  }

  /** Frees the uploaded text; the session is its maker's. */
  dispose(): void {
    this.#uploaded?.states.dispose()
    this.#uploaded?.mask.dispose()
    this.#uploaded = undefined
  }

  #upload(embedding: TextEmbedding, batch: number): UploadedText {
    const held = this.#uploaded
    if (held?.embedding === embedding && held.batch === batch) return held
    this.dispose()
    const { tokens, width } = embedding
    const states = this.#bridge.constant(repeat(embedding.states, batch), [batch, tokens, width])
    const mask = this.#bridge.constant(repeat(embedding.mask, batch), [batch, tokens])
    this.#uploaded = { embedding, batch, states, mask }
    return this.#uploaded
  }
}

function repeat(data: Float32Array, times: number): Float32Array {
  const repeated = new Float32Array(data.length * times)
  for (let i = 0; i < times; i++) repeated.set(data, i * data.length)
  return repeated
}

import type { Conditioning, Denoiser, Latent } from '../types'
import { dims, type TensorBridge } from './bridge'
import { type Ort, run, type Session, type Tensor } from './ort'

/** The student's own inputs and output by name, beside those that a `Conditioning` fills; the manifest's `denoiser`. */
export interface DenoiserSignature {
  readonly latent: string
  readonly timestep: string
  readonly output: string
  /** The network's time input is this times sigma. */
  readonly timestepScale: number
}

interface Uploaded {
  readonly conditioning: Conditioning
  readonly batch: number
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** Runs the student. The conditioning is repeated for the batch and uploaded once, not at every scale. */
export class OrtDenoiser<L extends Latent> implements Denoiser<L> {
  readonly #ort: Ort
  readonly #session: Session
  readonly #bridge: TensorBridge<L>
  readonly #signature: DenoiserSignature
  #uploaded: Uploaded | undefined

  constructor(ort: Ort, session: Session, bridge: TensorBridge<L>, signature: DenoiserSignature) {
    this.#ort = ort
    this.#session = session
    this.#bridge = bridge
    this.#signature = signature
  }

  async velocity(latent: L, sigma: number, conditioning: Conditioning): Promise<L> {
    const { latent: input, timestep, output, timestepScale } = this.#signature
    const { batch } = latent.shape
    // Schedules are float32 where models are trained: rounding after the product alone moves late timesteps.
    const time = new Float32Array(batch).fill(timestepScale * Math.fround(sigma))
    const feeds = {
      ...this.#upload(conditioning, batch),
      [input]: this.#bridge.input(latent),
      [timestep]: new this.#ort.Tensor('float32', time, [batch]),
    }
    return this.#bridge.output(await run(this.#session, feeds, output, dims(latent.shape)), latent.shape)
  }

  /** Frees the uploaded conditioning; the session is its maker's. */
  dispose(): void {
    for (const tensor of Object.values(this.#uploaded?.tensors ?? {})) tensor.dispose()
    this.#uploaded = undefined
  }

  #upload(conditioning: Conditioning, batch: number): Uploaded['tensors'] {
    const held = this.#uploaded
    if (held?.conditioning === conditioning && held.batch === batch) return held.tensors
    this.dispose()
    const tensors: Record<string, Tensor> = {}
    for (const [name, { data, dims }] of Object.entries(conditioning.tensors)) {
      tensors[name] = this.#bridge.constant(repeat(data, batch), [batch, ...dims.slice(1)])
    }
    this.#uploaded = { conditioning, batch, tensors }
    return tensors
  }
}

function repeat(data: Float32Array, times: number): Float32Array {
  const repeated = new Float32Array(data.length * times)
  for (let i = 0; i < times; i++) repeated.set(data, i * data.length)
  return repeated
}

import type { Decoder, Latent } from '../types'
import { dims, type TensorBridge } from './bridge'
import { run, type Session } from './ort'

/** The decoder's input and output by name; the manifest's `decoder`. */
export interface DecoderSignature {
  readonly input: string
  readonly output: string
  readonly pixelsPerCell: number
}

/** Turns clean latents (batch, channels, height, width) to pixels (batch, 3 or 4, height·cell, width·cell). */
export class OrtDecoder<L extends Latent> implements Decoder<L> {
  readonly #session: Session
  readonly #bridge: TensorBridge<L>
  readonly #signature: DecoderSignature
  readonly #channels: number

  /** `channels` of the picture. */
  constructor(session: Session, bridge: TensorBridge<L>, signature: DecoderSignature, channels: number) {
    this.#session = session
    this.#bridge = bridge
    this.#signature = signature
    this.#channels = channels
  }

  async decode(latent: L): Promise<L> {
    const { input, output, pixelsPerCell } = this.#signature
    const { batch, height, width } = latent.shape
    const shape = { batch, channels: this.#channels, height: height * pixelsPerCell, width: width * pixelsPerCell }
    const tensor = await run(this.#session, { [input]: this.#bridge.input(latent) }, output, dims(shape))
    return this.#bridge.output(tensor, shape)
  }
}

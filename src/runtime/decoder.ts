import { EngineError } from '../errors'
import type { Decoder, Latent } from '../types'
import { dims, type TensorBridge } from './bridge'
import { run, type Session } from './ort'

/** The decoder's input and output by name; the manifest's `decoder`. */
export interface DecoderGraph {
  readonly input: string
  readonly output: string
  readonly scalingFactor: number
  readonly shiftFactor: number
  readonly pixelsPerCell: number
}

/** Turns clean latents (batch, channels, height, width) to pixels (batch, 3 or 4, height·cell, width·cell). */
export class OrtDecoder<L extends Latent> implements Decoder<L> {
  readonly #session: Session
  readonly #bridge: TensorBridge<L>
  readonly #graph: DecoderGraph
  readonly #channels: number

  /** `channels` of the picture. Throws `InvalidManifest` for factors that are not yet run. */
  constructor(session: Session, bridge: TensorBridge<L>, graph: DecoderGraph, channels: number) {
    if (graph.scalingFactor !== 1 || graph.shiftFactor !== 0) {
      throw new EngineError(
        'InvalidManifest',
        'manifest.json, decoder: this version runs decoders with scalingFactor 1 and shiftFactor 0 only. Fold the ' +
          'factors into the decoder when exporting it.',
      )
    }
    this.#session = session
    this.#bridge = bridge
    this.#graph = graph
    this.#channels = channels
  }

  async decode(latent: L): Promise<L> {
    const { input, output, pixelsPerCell } = this.#graph
    const { batch, height, width } = latent.shape
    const shape = { batch, channels: this.#channels, height: height * pixelsPerCell, width: width * pixelsPerCell }
    const tensor = await run(this.#session, { [input]: this.#bridge.input(latent) }, output, dims(shape))
    return this.#bridge.output(tensor, shape)
  }
}

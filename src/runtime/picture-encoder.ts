import { EngineError } from '../errors'
import { heightWidth } from '../schedule'
import type { Latent, LatentSize, Picture, PictureEncoder } from '../types'
import { dims, type TensorBridge } from './bridge'
import { run, type Session } from './ort'
import { planes, sizeProblem } from './picture-planes'

/** The picture encoder's input and output by name (the manifest's `encoder`), and the shapes on either side of it. */
export interface PictureEncoderSignature {
  readonly input: string
  readonly output: string
  readonly pixelsPerCell: number
  /** Of the picture: 4 with alpha, else 3. */
  readonly channels: number
  readonly latentChannels: number
}

/** Turns pixels (batch, 3 or 4, height·cell, width·cell) to clean latents (batch, channels, height, width). */
export class OrtPictureEncoder<L extends Latent> implements PictureEncoder<L> {
  readonly #session: Session
  readonly #bridge: TensorBridge<L>
  readonly #signature: PictureEncoderSignature

  constructor(session: Session, bridge: TensorBridge<L>, signature: PictureEncoderSignature) {
    this.#session = session
    this.#bridge = bridge
    this.#signature = signature
  }

  /**
   * @throws EngineError 'InvalidRequest' for a picture of another size than `size` cells have; 'ModelFailed'.
   */
  async encode(picture: Picture, size: LatentSize, batch = 1): Promise<L> {
    const { input, output, pixelsPerCell, channels, latentChannels } = this.#signature
    const [height, width] = heightWidth(size)
    const shape = { batch, channels, height: height * pixelsPerCell, width: width * pixelsPerCell }
    const problem = sizeProblem(picture, shape, [height, width])
    if (problem) throw new EngineError('InvalidRequest', problem)
    const pixels = this.#bridge.constant(planes(picture, channels, batch), dims(shape))
    const latent = { batch, channels: latentChannels, height, width }
    try {
      return this.#bridge.output(await run(this.#session, { [input]: pixels }, output, dims(latent)), latent)
    } finally {
      pixels.dispose()
    }
  }
}

import { EngineError } from '../errors'
import { heightWidth } from '../schedule'
import type { Latent, LatentSize, Picture, PictureEncoder } from '../types'
import { dims, type TensorBridge } from './bridge'
import { run, type Session } from './ort'

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
    if (picture.width !== shape.width || picture.height !== shape.height) {
      throw new EngineError(
        'InvalidRequest',
        `The picture has ${picture.width}×${picture.height} pixels, and ${width}×${height} cells have ` +
          `${shape.width}×${shape.height}. Scale the picture to that size first.`,
      )
    }
    const pixels = this.#bridge.constant(planes(picture, channels, batch), dims(shape))
    const latent = { batch, channels: latentChannels, height, width }
    try {
      return this.#bridge.output(await run(this.#session, { [input]: pixels }, output, dims(latent)), latent)
    } finally {
      pixels.dispose()
    }
  }
}

/** Straight RGBA of 8 bits to planar numbers in [0, 1]: premultiplied by alpha, or without alpha as the colours stand. */
function planes({ data }: Picture, channels: number, batch: number): Float32Array {
  const plane = data.length / 4
  const image = channels * plane
  const numbers = new Float32Array(batch * image)
  for (let i = 0; i < plane; i++) {
    const alpha = channels === 4 ? (data[4 * i + 3] as number) / 255 : 1
    for (let c = 0; c < 3; c++) numbers[c * plane + i] = ((data[4 * i + c] as number) / 255) * alpha
    if (channels === 4) numbers[3 * plane + i] = alpha
  }
  for (let i = 1; i < batch; i++) numbers.copyWithin(i * image, 0, image)
  return numbers
}

import type { TensorBridge } from '../runtime/bridge'
import type { Session } from '../runtime/ort'
import type { PictureEncoderSignature } from '../runtime/picture-encoder'
import type { Latent, PictureEncoder } from '../types'

/** Fetches its code and opens its session for the first picture, as most drawings have none. */
export function createLazyPictureEncoder<L extends Latent>(
  open: () => Promise<Session>,
  bridge: TensorBridge<L>,
  signature: PictureEncoderSignature,
): PictureEncoder<L> {
  let opening: Promise<PictureEncoder<L>> | undefined
  async function openEncoder(): Promise<PictureEncoder<L>> {
    const { OrtPictureEncoder } = await import('../runtime/picture-encoder')
    return new OrtPictureEncoder(await open(), bridge, signature)
  }
  return {
    async encode(...args) {
      opening ??= openEncoder().catch((error) => {
        opening = undefined // The next picture tries again.
        throw error
      })
      return (await opening).encode(...args)
    },
  }
}

import type { TensorBridge } from '../runtime/bridge'
import type { Session } from '../runtime/ort'
import { OrtPictureEncoder, type PictureEncoderSignature } from '../runtime/picture-encoder'
import type { Latent, PictureEncoder } from '../types'

/** Opens its session for the first picture, as most drawings have none. */
export function createLazyPictureEncoder<L extends Latent>(
  open: () => Promise<Session>,
  bridge: TensorBridge<L>,
  signature: PictureEncoderSignature,
): PictureEncoder<L> {
  let opening: Promise<OrtPictureEncoder<L>> | undefined
  return {
    async encode(...args) {
      opening ??= open().then(
        (session) => new OrtPictureEncoder(session, bridge, signature),
        (error) => {
          opening = undefined // The next picture tries again.
          throw error
        },
      )
      return (await opening).encode(...args)
    },
  }
}

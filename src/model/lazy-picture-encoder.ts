import type { TensorBridge } from '../runtime/bridge'
import { createSession, type Ort } from '../runtime/ort'
import { OrtPictureEncoder, type PictureEncoderSignature } from '../runtime/picture-encoder'
import type { Latent, PictureEncoder } from '../types'

/** Prepares its graph for the first picture, as most drawings have none; until then the bytes wait. */
export function createLazyPictureEncoder<L extends Latent>(
  ort: Ort,
  graph: Uint8Array,
  bridge: TensorBridge<L>,
  signature: PictureEncoderSignature & { readonly file: string },
): PictureEncoder<L> {
  let bytes: Uint8Array | undefined = graph
  let opening: Promise<OrtPictureEncoder<L>> | undefined
  async function open(): Promise<OrtPictureEncoder<L>> {
    const session = await createSession(ort, signature.file, bytes as Uint8Array, bridge.execution)
    bytes = undefined
    return new OrtPictureEncoder(session, bridge, signature)
  }
  return {
    async encode(...args) {
      opening ??= open().catch((error) => {
        opening = undefined // The next picture tries again.
        throw error
      })
      return (await opening).encode(...args)
    },
  }
}

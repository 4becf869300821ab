import type { TensorBridge } from '../runtime/bridge'
import { createSession, type ExternalData, type Ort } from '../runtime/ort'
import { OrtPictureEncoder, type PictureEncoderSignature } from '../runtime/picture-encoder'
import type { Latent, PictureEncoder } from '../types'

/** Prepares its graph for the first picture, as most drawings have none; until then the bytes wait. */
export function createLazyPictureEncoder<L extends Latent>(
  ort: Ort,
  files: readonly [graph: Uint8Array, weights: readonly ExternalData[]],
  bridge: TensorBridge<L>,
  signature: PictureEncoderSignature & { readonly file: string },
): PictureEncoder<L> {
  let waiting: typeof files | undefined = files
  let opening: Promise<OrtPictureEncoder<L>> | undefined
  async function open(): Promise<OrtPictureEncoder<L>> {
    const [graph, weights] = waiting as typeof files
    const session = await createSession(ort, signature.file, graph, bridge.execution, weights)
    waiting = undefined
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

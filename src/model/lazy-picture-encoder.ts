import { loadPart } from '../load-part'
import type { Manifest } from '../manifest'
import type { TensorBridge } from '../runtime/bridge'
import type { Session } from '../runtime/ort'
import type { PictureEncoderSignature } from '../runtime/picture-encoder'
import type { Latent, PictureEncoder } from '../types'

/** Of a manifest with an `encoder`. Fetches its code and opens its session for the first picture, as most have none. */
export function createLazyPictureEncoder<L extends Latent>(
  open: () => Promise<Session>,
  bridge: TensorBridge<L>,
  { encoder, picture, denoiser, decoder }: Manifest,
): PictureEncoder<L> {
  const signature: PictureEncoderSignature = {
    ...{ ...(encoder as NonNullable<typeof encoder>), ...picture },
    latentChannels: denoiser.latentChannels,
    pixelsPerCell: decoder.pixelsPerCell,
  }
  let opening: Promise<PictureEncoder<L>> | undefined
  async function openEncoder(): Promise<PictureEncoder<L>> {
    const { OrtPictureEncoder } = await loadPart('picture-encoder', import('../runtime/picture-encoder'))
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

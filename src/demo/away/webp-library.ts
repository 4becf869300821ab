/** libwebp as WebAssembly, for browsers whose canvases write no WebP (Safari). Loaded only there. */
// The build with SIMD alone: without it ONNX Runtime draws no picture to write.
import createEncoder from '@jsquash/webp/codec/enc/webp_enc_simd.js'
import { defaultOptions } from '@jsquash/webp/meta.js'

let encoder: ReturnType<typeof createEncoder> | undefined

/**
 * `quality` as canvases take it: from 0 to 1, which is lossless.
 *
 * @throws Error where libwebp writes nothing.
 */
export async function libraryWebp({ data, width, height }: ImageData, quality: number): Promise<Blob> {
  encoder ??= createEncoder({ noInitialRun: true })
  const { encode } = await encoder.catch((cause: unknown) => {
    encoder = undefined // The next try asks for it again.
    throw new Error('The part that writes WebP did not come. Get back online and try again.', { cause })
  })
  const bytes = encode(data, width, height, {
    ...defaultOptions,
    ...(quality === 1 ? { lossless: 1 } : { quality: 100 * quality }),
  })
  if (!bytes) throw new Error('This picture could not be written as WebP. Take the PNG.')
  return new Blob([new Uint8Array(bytes)], { type: 'image/webp' })
}

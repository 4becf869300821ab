/** libwebp as WebAssembly, for browsers whose canvases write no WebP (Safari). Loaded only there. */
import encode from '@jsquash/webp/encode.js'

/** `quality` as canvases take it: from 0 to 1, which is lossless. */
export async function libraryWebp(image: ImageData, quality: number): Promise<Blob> {
  const options = quality === 1 ? { lossless: 1 } : { quality: 100 * quality }
  const bytes = await encode(image, options)
  return new Blob([bytes], { type: 'image/webp' })
}

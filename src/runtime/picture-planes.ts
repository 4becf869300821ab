/** Loaded with the first picture that is encoded. It imports types alone, so that bundlers need not split other code. */
import type { LatentShape, Picture } from '../types'

/** Why a picture has not the size that the encoder's input needs for (height, width) cells. */
export function sizeProblem(
  picture: Picture,
  shape: LatentShape,
  [height, width]: [number, number],
): string | undefined {
  if (picture.width === shape.width && picture.height === shape.height) return undefined
  return (
    `The picture has ${picture.width}×${picture.height} pixels, and ${width}×${height} cells have ` +
    `${shape.width}×${shape.height}. Scale the picture to that size first.`
  )
}

/** Straight RGBA of 8 bits to planar numbers in [0, 1]: premultiplied by alpha, or without alpha as the colours stand. */
export function planes({ data }: Picture, channels: number, batch: number): Float32Array {
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

import { imageElements, notFiniteError } from './shape'
import type { LatentShape, Picture } from './types'

/**
 * Planar numbers to pictures: (batch, 3 or 4, height, width) in [0, 1], premultiplied where there is alpha, to straight
 * RGBA of 8 bits. Numbers outside [0, 1] are clamped.
 *
 * @throws EngineError 'ModelFailed' if one is NaN or infinite.
 */
export function toPictures(data: Float32Array, shape: LatentShape): Picture[] {
  const { batch, channels, height, width } = shape
  const plane = height * width
  return Array.from({ length: batch }, (_, image) => {
    const start = image * imageElements(shape)
    const rgba = new Uint8ClampedArray(4 * plane)
    let sum = 0
    for (let i = 0; i < plane; i++) {
      const red = data[start + i] as number
      const green = data[start + plane + i] as number
      const blue = data[start + 2 * plane + i] as number
      const opacity = channels === 4 ? (data[start + 3 * plane + i] as number) : 1
      const alpha = Math.min(opacity, 1)
      sum += red + green + blue + opacity
      // What rounds to no opacity has no colour either: the division would only raise noise.
      if (alpha * 255 < 0.5) continue
      const scale = 255 / alpha
      rgba[4 * i] = red * scale
      rgba[4 * i + 1] = green * scale
      rgba[4 * i + 2] = blue * scale
      rgba[4 * i + 3] = alpha * 255
    }
    if (!Number.isFinite(sum)) throw notFiniteError()
    return { width, height, data: rgba }
  })
}

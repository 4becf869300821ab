/** Loaded where a drawing starts from a picture. */
import type { Picture } from './types'

/** Weights of the source's pixels that one pixel of the result is made of. */
interface Taps {
  readonly first: number
  readonly weights: readonly number[]
}

/**
 * The whole picture, as large as fits, in the middle of one of the given size; what it leaves is transparent. Colours are
 * weighed by their alpha, so that what is invisible does not bleed in. Made smaller, every pixel counts (a triangle filter
 * as wide as the ratio); made larger, it is bilinear.
 */
export function fitPicture(picture: Picture, width: number, height: number): Picture {
  if (picture.width === width && picture.height === height) return picture
  const ratio = Math.min(width / picture.width, height / picture.height)
  const inner = {
    width: Math.max(1, Math.round(picture.width * ratio)),
    height: Math.max(1, Math.round(picture.height * ratio)),
  }
  const rows = resampled(premultiplied(picture), picture.width, picture.height, taps(picture.width, inner.width))
  const whole = resampled(
    turned(rows, inner.width, picture.height),
    picture.height,
    inner.width,
    taps(picture.height, inner.height),
  )
  const pixels = turned(whole, inner.height, inner.width)
  const data = new Uint8ClampedArray(4 * width * height)
  const left = (width - inner.width) >> 1
  const top = (height - inner.height) >> 1
  for (let y = 0; y < inner.height; y++) {
    for (let x = 0; x < inner.width; x++) {
      const from = 4 * (y * inner.width + x)
      const to = 4 * ((y + top) * width + x + left)
      const alpha = pixels[from + 3] as number
      for (let c = 0; c < 3; c++) data[to + c] = alpha > 0 ? (255 * (pixels[from + c] as number)) / alpha : 0
      data[to + 3] = alpha
    }
  }
  return { width, height, data }
}

/** RGBA in [0, 255], colours times alpha / 255. */
function premultiplied({ data }: Picture): Float32Array {
  const out = Float32Array.from(data)
  for (let at = 0; at < out.length; at += 4) {
    const alpha = (out[at + 3] as number) / 255
    for (let c = 0; c < 3; c++) out[at + c] = (out[at + c] as number) * alpha
  }
  return out
}

function taps(from: number, to: number): Taps[] {
  const scale = from / to
  const reach = Math.max(1, scale)
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale - 0.5
    const first = Math.max(0, Math.ceil(centre - reach))
    const last = Math.min(from - 1, Math.floor(centre + reach))
    const raw = Array.from({ length: last - first + 1 }, (_, i) =>
      Math.max(0, 1 - Math.abs(first + i - centre) / reach),
    )
    const sum = raw.reduce((before, weight) => before + weight, 0)
    // A pixel beyond the last centre has that one alone.
    return sum > 0
      ? { first, weights: raw.map((weight) => weight / sum) }
      : { first: Math.min(first, from - 1), weights: [1] }
  })
}

/** Each row of `width` pixels of four numbers made as long as there are taps. */
function resampled(pixels: Float32Array, width: number, height: number, of: readonly Taps[]): Float32Array {
  const out = new Float32Array(4 * of.length * height)
  for (let y = 0; y < height; y++) {
    for (const [x, { first, weights }] of of.entries()) {
      const to = 4 * (y * of.length + x)
      for (const [i, weight] of weights.entries()) {
        const from = 4 * (y * width + first + i)
        for (let c = 0; c < 4; c++) out[to + c] = (out[to + c] as number) + weight * (pixels[from + c] as number)
      }
    }
  }
  return out
}

/** Rows become columns. */
function turned(pixels: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(pixels.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 4; c++) out[4 * (x * height + y) + c] = pixels[4 * (y * width + x) + c] as number
    }
  }
  return out
}

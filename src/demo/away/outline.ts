import type { Picture } from '../../index'

/** Fainter than this, of 255, gets no line around it. */
const faint = 48

/**
 * The picture on a white shape that reaches `reach` pixels beyond it: the highest alpha within that distance, with a soft
 * edge of one pixel.
 */
export function outlined({ width, height, data }: Picture, reach: number): Picture {
  const solid = new Uint8Array(width * height)
  for (let i = 0; i < solid.length; i++) {
    const alpha = data[4 * i + 3] as number
    // From faint to half: a soft edge would else make the line thin.
    solid[i] = Math.max(0, Math.min(255, ((alpha - faint) * 255) / (128 - faint)))
  }
  const shape = grown(solid, width, height, reach)
  const pixels = new Uint8ClampedArray(data.length)
  for (let i = 0; i < shape.length; i++) {
    const alpha = (data[4 * i + 3] as number) / 255
    const below = ((shape[i] as number) / 255) * (1 - alpha)
    const whole = alpha + below
    if (whole === 0) continue
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = ((data[4 * i + c] as number) * alpha + 255 * below) / whole
    pixels[4 * i + 3] = 255 * whole
  }
  return { width, height, data: pixels }
}

/** Each value becomes the highest within the distance, times how much of the disc's edge covers it. */
function grown(values: Uint8Array, width: number, height: number, reach: number): Uint8Array {
  const out = new Uint8Array(values)
  const most = Math.ceil(reach)
  for (let dy = -most; dy <= most; dy++) {
    for (let dx = -most; dx <= most; dx++) {
      // From centre to centre; half a pixel of each belongs to the shape and to the line.
      const cover = Math.min(1, reach + 1 - Math.hypot(dx, dy))
      if (cover <= 0) continue
      for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
        const from = (y + dy) * width + dx
        for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
          const value = (values[from + x] as number) * cover
          const at = y * width + x
          if (value > (out[at] as number)) out[at] = value
        }
      }
    }
  }
  return out
}

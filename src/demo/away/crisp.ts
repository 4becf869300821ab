import type { Picture } from '../../index'

/** Alpha, of 255, that counts as empty and as solid beside an edge: haze and glass are neither, and stay as they are. */
const empty = 40
const solid = 215

/**
 * The enlarged picture with its outer edges as thin as they were: enlarging makes a step from empty to solid as many
 * times as wide. Only there, as the picture before tells: `original`, of which `enlarged` is a larger copy.
 */
export function crisp(original: Picture, enlarged: Picture): Picture {
  const times = enlarged.width / original.width
  if (times <= 1) return enlarged
  const edges = edgesOf(original)
  const data = new Uint8ClampedArray(enlarged.data)
  for (let y = 0; y < enlarged.height; y++) {
    const row = Math.min(original.height - 1, Math.floor((y / enlarged.height) * original.height)) * original.width
    for (let x = 0; x < enlarged.width; x++) {
      if (!edges[row + Math.min(original.width - 1, Math.floor(x / times))]) continue
      const at = 4 * (y * enlarged.width + x) + 3
      data[at] = 127.5 + ((data[at] as number) - 127.5) * times
    }
  }
  return { width: enlarged.width, height: enlarged.height, data }
}

/** 1 where something empty and something solid are both within two pixels. */
function edgesOf({ width, height, data }: Picture): Uint8Array {
  const reach = 2
  const edges = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [least, most] = [255, 0]
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
          const alpha = data[4 * (v * width + u) + 3] as number
          least = Math.min(least, alpha)
          most = Math.max(most, alpha)
        }
      }
      if (least < empty && most > solid) edges[y * width + x] = 1
    }
  }
  return edges
}

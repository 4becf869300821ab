import { describe, expect, it } from 'vitest'
import type { Picture } from '../../index'
import { enlarge } from './enlarge'

/** A disc with a soft edge of one pixel; a square of glass, half transparent, in its middle and haze in a corner. */
function disc(side: number): Picture {
  const data = new Uint8ClampedArray(4 * side * side)
  const middle = side / 2
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const covered = Math.max(0, Math.min(1, side * 0.4 - Math.hypot(x + 0.5 - middle, y + 0.5 - middle) + 0.5))
      const glass = Math.abs(x - middle) < side / 8 && Math.abs(y - middle) < side / 8
      const haze = x < 3 && y < 3
      data.set([200, 30, 30, glass ? 128 : haze ? 30 : 255 * covered], 4 * (y * side + x))
    }
  }
  return { width: side, height: side, data }
}

const alphaAt = ({ width, data }: Picture, x: number, y: number): number =>
  data[4 * (Math.floor(y * width) * width + Math.floor(x * width)) + 3] as number

/** Pixels from empty to solid on the way from the left edge to the middle: those in between, and no others. */
function between(picture: Picture): number {
  const row = Array.from({ length: picture.width / 4 }, (_, x) => alphaAt(picture, (x + 0.5) / picture.width, 0.5))
  return row.filter((alpha) => alpha > 25 && alpha < 230).length
}

describe('edges of an enlarged picture', () => {
  it.each([2, 4])('are as thin as before, %d times as large', async (times) => {
    const picture = disc(64)
    const large = await enlarge(picture, 64 * times, 64 * times)
    expect(between(large)).toBeLessThanOrEqual(2)
    // The disc has its size: half of it covered at the same place.
    const covered = ({ data }: Picture) =>
      data.reduce((sum, value, at) => sum + (at % 4 === 3 ? value : 0), 0) / data.length
    expect(covered(large)).toBeCloseTo(covered(picture), 0)
  })

  it('are steeper only where something solid ends: glass and haze stay as they are', async () => {
    const large = await enlarge(disc(64), 256, 256)
    expect(alphaAt(large, 0.5, 0.5)).toBe(128)
    expect(Math.abs(alphaAt(large, 0.02, 0.02) - 30)).toBeLessThan(5)
  })
})

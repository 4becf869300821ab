import { describe, expect, it } from 'vitest'
import type { Picture } from '../../index'
import { cropped } from './compose'
import { enlarge } from './enlarge'

/** Green within the box, transparent (but red) around it. */
function boxed(side: number, [left, top, right, bottom]: readonly [number, number, number, number]): Picture {
  const data = new Uint8ClampedArray(4 * side * side)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inside = x >= left && x <= right && y >= top && y <= bottom
      data.set(inside ? [0, 200, 0, 255] : [255, 0, 0, 5], 4 * (y * side + x))
    }
  }
  return { width: side, height: side, data }
}

describe('cut margins', () => {
  it('leave what is seen, and nothing else', () => {
    const part = cropped(boxed(16, [3, 5, 9, 6]))
    expect([part.width, part.height]).toEqual([7, 2])
    for (let i = 0; i < part.data.length; i += 4) expect([...part.data.subarray(i, i + 4)]).toEqual([0, 200, 0, 255])
  })

  it('leave a picture whole that fills its square, and one that is empty', () => {
    for (const whole of [boxed(8, [0, 0, 7, 7]), boxed(8, [9, 9, 9, 9])]) expect(cropped(whole)).toEqual(whole)
  })
})

describe('enlarge', () => {
  it('makes it larger and smaller, and invisible colours do not bleed in', async () => {
    for (const side of [16, 64, 93]) {
      const picture = await enlarge(boxed(32, [8, 8, 23, 23]), side, side)
      expect(picture.data.length).toBe(4 * side * side)
      const middle = 4 * ((side >> 1) * side + (side >> 1))
      expect([...picture.data.subarray(middle, middle + 4)]).toEqual([0, 200, 0, 255])
      for (let i = 0; i < picture.data.length; i += 4) {
        if ((picture.data[i + 3] as number) > 60) expect(picture.data[i] as number).toBeLessThan(40)
      }
    }
  })
})

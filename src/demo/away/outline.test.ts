import { describe, expect, it } from 'vitest'
import type { Picture } from '../../index'
import { outlined } from './outline'

/** Red in the middle of a square, with this alpha. */
function dot(side: number, alpha: number): Picture {
  const data = new Uint8ClampedArray(4 * side * side)
  data.set([255, 0, 0, alpha], 4 * (((side - 1) / 2) * side + (side - 1) / 2))
  return { width: side, height: side, data }
}
const at = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4),
]

describe('the white outline', () => {
  it('is a white disc around what is solid, with a soft edge and nothing beyond it', () => {
    const picture = outlined(dot(21, 255), 4)
    expect(at(picture, 10, 10)).toEqual([255, 0, 0, 255])
    for (const [x, y] of [
      [14, 10],
      [6, 10],
      [10, 14],
      [12, 12],
    ] as const) {
      expect(at(picture, x, y), `${x}, ${y}`).toEqual([255, 255, 255, 255])
    }
    expect(at(picture, 15, 10)[3]).toBe(0)
    expect(at(picture, 14, 14)[3]).toBe(0) // The corner is 5.7 away.
    const edge = at(picture, 13, 13)[3] as number // 4.24 away.
    expect(edge).toBeGreaterThan(0)
    expect(edge).toBeLessThan(255)
  })

  it('leaves haze that cannot be seen alone', () => {
    expect(outlined(dot(9, 40), 2).data).toEqual(dot(9, 40).data)
  })

  it('is white below what is half transparent', () => {
    expect(at(outlined(dot(9, 128), 2), 4, 4)).toEqual([255, 127, 127, 255])
  })
})

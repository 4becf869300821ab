import { describe, expect, it } from 'vitest'
import { toPictures } from './pixels'

describe('toPictures', () => {
  it('turns planar premultiplied numbers to straight RGBA', () => {
    // Two pixels: half-transparent pure red, then opaque with components out of range.
    const data = Float32Array.of(0.5, 1.5, 0, -0.5, 0, 0.2, 0.5, 1.25)
    const [picture] = toPictures(data, { batch: 1, channels: 4, height: 1, width: 2 })
    expect(picture).toMatchObject({ width: 2, height: 1 })
    expect([...(picture?.data ?? [])]).toEqual([255, 0, 0, 128, 255, 0, 51, 255])
  })

  it('leaves no colour where there is no opacity', () => {
    const [picture] = toPictures(Float32Array.of(0.001, 0.001, 0.001, 0.0015), {
      batch: 1,
      channels: 4,
      height: 1,
      width: 1,
    })
    expect([...(picture?.data ?? [])]).toEqual([0, 0, 0, 0])
  })

  it('makes three channels opaque, one picture a batch slot', () => {
    const pictures = toPictures(Float32Array.of(0, 0.5, 1, 1, 0, 0), { batch: 2, channels: 3, height: 1, width: 1 })
    expect(pictures.map(({ data }) => [...data])).toEqual([
      [0, 128, 255, 255],
      [255, 0, 0, 255],
    ])
  })

  it.each([0, 3])('refuses NaN in channel %i', (channel) => {
    const data = new Float32Array(4).fill(0.5)
    data[channel] = Number.NaN
    expect(() => toPictures(data, { batch: 1, channels: 4, height: 1, width: 1 })).toThrow(/NaN/)
  })
})

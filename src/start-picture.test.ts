import { describe, expect, it } from 'vitest'
import { fitPicture } from './fit-picture'
import { startFromPicture, startStep } from './start-picture'
import type { Latent, Picture, PictureEncoder, ScaleSchedule } from './types'

const schedule: ScaleSchedule = [
  { size: 8, sigma: 1 },
  { size: 12, sigma: 0.7 },
  { size: 16, sigma: 0.4 },
]

function filled(width: number, height: number, ...rgba: number[]): Picture {
  const data = new Uint8ClampedArray(4 * width * height)
  for (let at = 0; at < data.length; at++) data[at] = rgba[at % 4] as number
  return { width, height, data }
}

const at = ({ width, data }: Picture, x: number, y: number) => [
  ...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4),
]

describe('a picture fitted into a size', () => {
  it.each([
    [1, 1],
    [300, 300],
    [7, 7],
    [4096, 4096],
  ])('%d × %d of one colour stays that colour', (width, height) => {
    const fitted = fitPicture(filled(width, height, 10, 200, 30, 255), 64, 64)
    expect([fitted.width, fitted.height]).toEqual([64, 64])
    expect(new Set(fitted.data)).toEqual(new Set([10, 200, 30, 255]))
  })

  it.each([
    [200, 100, [32, 4], [32, 32]],
    [100, 200, [4, 32], [32, 32]],
    [1, 5000, [20, 32], [32, 32]],
  ])(
    '%d × %d is whole and in the middle, with nothing around it',
    (width, height, [outX = 0, outY = 0], [x = 0, y = 0]) => {
      const fitted = fitPicture(filled(width, height, 255, 0, 0, 255), 64, 64)
      expect(at(fitted, outX, outY)).toEqual([0, 0, 0, 0])
      expect(at(fitted, x - (width < 2 ? 1 : 0), y)).toEqual([255, 0, 0, 255])
    },
  )

  it('what is invisible lends no colour to what is seen', () => {
    const picture = filled(2, 1, 255, 0, 0, 255)
    picture.data.set([0, 255, 0, 0], 4)
    const fitted = fitPicture(picture, 8, 4)
    for (let x = 0; x < 8; x++) expect(at(fitted, x, 2)[1]).toBe(0)
    expect(at(fitted, 0, 2)).toEqual([255, 0, 0, 255])
  })

  it('lines of one pixel become grey, not nothing, when it is made smaller', () => {
    const picture = filled(256, 256, 0, 0, 0, 255)
    for (let i = 0; i < picture.data.length; i += 8) picture.data.set([255, 255, 255], i)
    const fitted = fitPicture(picture, 32, 32)
    expect(at(fitted, 16, 16)[0]).toBeGreaterThan(110)
    expect(at(fitted, 16, 16)[0]).toBeLessThan(145)
  })

  it('one that fits already is the same', () => {
    const picture = filled(64, 64, 1, 2, 3, 4)
    expect(fitPicture(picture, 64, 64)).toBe(picture)
  })
})

describe('where a picture enters', () => {
  const image = filled(4, 4, 0, 0, 0, 255)
  it.each([
    [1, 8],
    [0.7, 12],
    [0.69, 16],
    [0.01, 16],
    [undefined, 12],
  ])('strength %s: the step of %d cells', (strength, size) => {
    expect(startStep({ image, strength }, schedule, true).size).toBe(size)
  })

  it.each([
    [{ image: 'cat.png' }, 'not a picture'],
    [{ image: { width: 0, height: 4, data: new Uint8ClampedArray() } }, 'not a picture'],
    [{ image: { width: 2, height: 2, data: [0, 0, 0, 0] } }, 'not a picture'],
    [{ image: { width: 2, height: 2, data: new Uint8ClampedArray(12) } }, '12 bytes, not 16'],
    [{ image: { width: 20_000, height: 20_000, data: new Uint8ClampedArray(16) } }, 'too large'],
    [{ image, strength: 0 }, 'strength is 0'],
    [{ image, strength: Number.NaN }, 'strength is NaN'],
    [{ image, strength: '0.5' }, "strength is '0.5'"],
  ])('%j is refused by name', (start, words) => {
    const call = () => startStep(start as never, schedule, true)
    expect(call).toThrow(expect.objectContaining({ name: 'InvalidRequest', message: expect.stringContaining(words) }))
  })

  it('a model without an encoder says so', () => {
    expect(() => startStep({ image }, schedule, false)).toThrow(/has no encoder/)
  })

  it('is encoded at the size of that step, once for each picture to draw', async () => {
    const asked: unknown[] = []
    const pictureEncoder: PictureEncoder<Latent> = {
      async encode({ width, height }, size, batch = 1) {
        asked.push([width, height, size, batch])
        return { shape: { batch, channels: 8, height: 12, width: 12 } }
      },
    }
    const plan = { schedule, seeds: [1n, 2n, 3n] }
    const manifest = { decoder: { pixelsPerCell: 16 } }
    const { sigma } = await startFromPicture({ image, strength: 0.8 }, plan, { pictureEncoder }, manifest)
    expect(sigma).toBe(0.7)
    expect(asked).toEqual([[192, 192, 12, 3]])
  })
})

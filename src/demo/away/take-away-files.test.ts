import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { apngOf } from './apng'
import { icoOf } from './ico'
import { readPngChunks } from './png-chunks'

function png(side: number, shade: number): Uint8Array {
  const picture = new PNG({ width: side, height: side })
  picture.data.fill(shade)
  return new Uint8Array(PNG.sync.write(picture))
}
const numbers = (data: Uint8Array) => new DataView(data.buffer, data.byteOffset, data.byteLength)

describe('an ICO file', () => {
  it('has an entry for each picture, which says where its PNG lies', () => {
    const pictures = [16, 48, 256].map((side) => ({ side, png: png(side, side % 250) }))
    const file = icoOf(pictures)
    const view = numbers(file)
    expect([view.getUint16(0, true), view.getUint16(2, true), view.getUint16(4, true)]).toEqual([0, 1, 3])
    for (const [index, { side, png: own }] of pictures.entries()) {
      const entry = 6 + 16 * index
      expect([file[entry], file[entry + 1]]).toEqual([side % 256, side % 256])
      const [length, at] = [view.getUint32(entry + 8, true), view.getUint32(entry + 12, true)]
      expect(file.subarray(at, at + length)).toEqual(own)
    }
    expect(file.length).toBe(6 + 48 + pictures.reduce((sum, { png: own }) => sum + own.length, 0))
  })
})

describe('an animated PNG', () => {
  const frames = [10, 20, 30].map((shade) => ({ png: png(8, shade), milliseconds: 10 * shade }))
  const chunks = readPngChunks(apngOf(png(8, 40), frames))

  it('numbers its frames and their pixels in one row, after the still picture', () => {
    const types = chunks.map(({ type }) => type)
    expect(types).toEqual(['IHDR', 'acTL', 'IDAT', 'fcTL', 'fdAT', 'fcTL', 'fdAT', 'fcTL', 'fdAT', 'IEND'])
    const control = numbers(chunks[1]?.data ?? new Uint8Array())
    expect([control.getUint32(0), control.getUint32(4)]).toEqual([3, 0])
    const numbered = chunks.filter(({ type }) => type === 'fcTL' || type === 'fdAT')
    expect(numbered.map(({ data }) => numbers(data).getUint32(0))).toEqual([0, 1, 2, 3, 4, 5])
    const [frame] = numbered
    const view = numbers(frame?.data ?? new Uint8Array())
    expect([4, 8, 12, 16].map((at) => view.getUint32(at))).toEqual([8, 8, 0, 0])
    expect([view.getUint16(20), view.getUint16(22)]).toEqual([100, 1000])
  })

  it('is the still picture to a program that knows no animations', () => {
    expect(PNG.sync.read(Buffer.from(apngOf(png(8, 40), frames))).data[0]).toBe(40)
  })

  it('refuses frames of another size', () => {
    expect(() => apngOf(png(8, 40), [{ png: png(9, 40), milliseconds: 1 }])).toThrow('different forms')
  })
})

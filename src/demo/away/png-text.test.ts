import fc from 'fast-check'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { readPngChunks, writeChunks } from './png-chunks'
import { textOf, withText } from './png-text'

function png(): Uint8Array<ArrayBuffer> {
  const picture = new PNG({ width: 3, height: 2 })
  picture.data.fill(200)
  return new Uint8Array(PNG.sync.write(picture))
}
const blob = (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes], { type: 'image/png' })

describe('text in a PNG', () => {
  it('comes back as it was, whatever it is, and the picture stays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 400 }), async (text) => {
        const file = await withText(blob(png()), 'scalewise', text)
        expect(await textOf(file, 'scalewise')).toBe(text)
        expect(await textOf(file, 'other')).toBeUndefined()
        // pngjs checks every checksum.
        expect(PNG.sync.read(Buffer.from(await file.arrayBuffer())).data).toEqual(
          PNG.sync.read(Buffer.from(png())).data,
        )
      }),
      { numRuns: 50 },
    )
  })

  it('is not found where there is none: another file, an empty one, one that is cut short', async () => {
    const file = new Uint8Array(await (await withText(blob(png()), 'scalewise', 'text')).arrayBuffer())
    for (const bytes of [png(), new Uint8Array(), new Uint8Array([1, 2, 3]), file.slice(0, 60)]) {
      expect(await textOf(blob(bytes), 'scalewise')).toBeUndefined()
    }
  })
})

describe('chunks of a PNG', () => {
  it('are written as they were read', () => {
    expect(writeChunks(readPngChunks(png()))).toEqual(png())
  })

  it('are refused of what is no PNG, and of a file that ends within one', () => {
    expect(() => readPngChunks(new Uint8Array(40))).toThrow('not a PNG')
    expect(() => readPngChunks(png().slice(0, -3))).toThrow('cut short')
  })
})

import { crc32, deflateSync } from 'node:zlib'
import { expect, type Page, test } from '@playwright/test'
import { expectState, site } from '../testing/pages'

/** Files of every odd kind as a picture to start from: the right result, or words that say what is wrong. */

let page: Page

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ browser }) => {
  page = await browser.newPage()
  await page.goto(site({ model: 'models/emoji/manifest.json' }))
  await page.getByTestId('start').locator('summary').click()
  await expectState(page, 'ready')
})

test.afterAll(() => page.close())

const state = () => page.getByTestId('start-state')

async function choose(name: string, mimeType: string, buffer: Buffer): Promise<void> {
  const clear = page.getByTestId('start-clear')
  if (await clear.isEnabled()) await clear.click()
  await expect(state()).toContainText('Empty')
  await page.getByTestId('start-file').setInputFiles({ name, mimeType, buffer })
}

async function refused(words: string): Promise<void> {
  await expect(page.getByTestId('status')).toContainText(words)
  await expect(state()).toContainText('Empty')
}

interface Patch {
  readonly red: number
  readonly green: number
  readonly blue: number
  readonly alpha: number
}

/** Pixels of the sketch at parts of its side. */
async function patches(...places: readonly (readonly [number, number])[]): Promise<Patch[]> {
  await expect(state()).toHaveText('The next drawing starts from this.')
  return page.getByTestId('sketch').evaluate((element, places) => {
    const canvas = element as HTMLCanvasElement
    return places.map(([x, y]) => {
      const at = [Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1] as const
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getContext('2d')?.getImageData(...at).data ?? []
      return { red, green, blue, alpha }
    })
  }, places)
}

/** A real PNG, of one grey, 1 bit a pixel: a large one is a few kB. */
function greyPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))))
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Left red, right blue, twice as wide as high; turned by a quarter as cameras note it: red is above then. */
async function turnedJpeg(): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(80, 40)
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
    for (const [i, colour] of ['red', 'blue'].entries()) {
      context.fillStyle = colour
      context.fillRect(40 * i, 0, 40, 40)
    }
    return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer())]
  })
  // APP1 with one TIFF entry: orientation (0x0112), a short, 6.
  const exif = Buffer.from('ffe100224578696600004d4d002a00000008000101120003000000010006000000000000', 'hex')
  const jpeg = Buffer.from(bytes)
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)])
}

/** 16 × 8 pixels of magenta and yellow at full, no cyan, no black: red. */
const CMYK_JPEG =
  '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAbEhQXFBEbFxYXHhwbIChCKyglJShROj0wQmBVZWRfVV1baniZgWpxkHNbXYW1hpCeo6utq2eAvMm6pseZqKuk/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDpq5muZrpqKKKK/9k='

/** Two pictures of 8 × 8 pixels, the first of them red. */
const ANIMATED_GIF =
  'R0lGODlhCAAIAIEAAP8AAAAAAAAAAAAAACH/C05FVFNDQVBFMi4wAwEAAAAh+QQACgAAACwAAAAACAAIAAAIDwABCBxIsKDBgwgTKkwYEAAh+QQBCgABACwAAAAACAAIAIEAAP8AAAAAAAAAAAAIDwABCBxIsKDBgwgTKkwYEAA7'

test('a photograph that the camera turned stands upright', async () => {
  await choose('turned.jpg', 'image/jpeg', await turnedJpeg())
  const [above, below, beside] = await patches([0.5, 0.2], [0.5, 0.8], [0.05, 0.5])
  expect(above?.red).toBeGreaterThan(200)
  expect(below?.blue).toBeGreaterThan(200)
  // It is higher than wide now.
  expect(beside?.alpha).toBe(0)
})

test('CMYK, as printers have it, is shown in its colours', async () => {
  await choose('print.jpg', 'image/jpeg', Buffer.from(CMYK_JPEG, 'base64'))
  const [middle] = await patches([0.5, 0.5])
  expect(middle?.red).toBeGreaterThan(180)
  expect(middle?.green).toBeLessThan(80)
  expect(middle?.blue).toBeLessThan(80)
})

test('of an animated one the first picture counts', async () => {
  await choose('party.gif', 'image/gif', Buffer.from(ANIMATED_GIF, 'base64'))
  const [middle] = await patches([0.5, 0.5])
  expect(middle).toMatchObject({ red: 255, green: 0, blue: 0, alpha: 255 })
})

test('a strip and a single pixel are fitted in', async () => {
  await choose('strip.png', 'image/png', greyPng(2000, 20))
  const [middle, above] = await patches([0.5, 0.5], [0.5, 0.3])
  expect([middle?.alpha, above?.alpha]).toEqual([255, 0])
  await choose('pixel.png', 'image/png', greyPng(1, 1))
  expect((await patches([0.5, 0.5]))[0]?.alpha).toBe(255)
})

test('what is too large, broken or no picture is told, and the canvas stays as it was', async () => {
  const whole = greyPng(64, 64)
  const cases: [name: string, type: string, content: Buffer, words: string][] = [
    ['wall.png', 'image/png', greyPng(9000, 9000), '9000 × 9000 pixels'],
    [
      'bomb.png',
      'image/png',
      Buffer.concat([greyPng(1, 1).subarray(0, 16), Buffer.alloc(8, 0x7f)]),
      'cannot read that',
    ],
    ['nothing.png', 'image/png', Buffer.alloc(0), 'That file is empty'],
    ['cut.png', 'image/png', whole.subarray(0, 30), 'cannot read that as a picture'],
    ['notes.png', 'image/png', Buffer.from('not a picture at all'), 'cannot read that as a picture (image/png)'],
    ['page.html', 'text/html', Buffer.from('<script>alert(1)</script>'), 'cannot read that as a picture (text/html)'],
    ['song.mp3', 'audio/mpeg', Buffer.from('ID3'), 'cannot read that as a picture (audio/mpeg)'],
  ]
  for (const [name, type, content, words] of cases) {
    await choose(name, type, content)
    await refused(words)
  }
})

test('an SVG without a size of its own is drawn at one, or told', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#d62828"/></svg>'
  await choose('mark.svg', 'image/svg+xml', Buffer.from(svg))
  const [middle] = await patches([0.5, 0.5])
  expect(middle).toMatchObject({ red: 0xd6, alpha: 255 })
})

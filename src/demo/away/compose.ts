import type { Picture } from '../../index'
import { enlarge } from './enlarge'
import { outlined } from './outline'

/** How a picture looks when it leaves, whatever the file. */
export interface Look {
  /** Its transparent margins are cut, so that what is drawn fills the square. */
  readonly crop: boolean
  /** A white line around it, as stickers have. */
  readonly outline: boolean
  /** A CSS colour behind it; undefined leaves it transparent. */
  readonly background: string | undefined
}

export interface Place {
  /** Pixels along a side of the square that results. */
  readonly side: number
  /** Pixels that stay empty at each side. */
  readonly margin?: number
}

/** Fainter than this, of 255, is no part of the picture when its margins are cut: haze that cannot be seen. */
const faint = 24
/** The line's width as a part of the side: 8 pixels of 512, as WhatsApp asks for. */
const lineWidth = 1 / 64

/** The picture in the middle of a square, as large as fits. */
export async function composed(picture: Picture, look: Look, { side, margin = 0 }: Place): Promise<OffscreenCanvas> {
  const line = look.outline ? Math.max(1, Math.round(side * lineWidth)) : 0
  const whole = look.crop ? cropped(picture) : picture
  const room = side - 2 * (margin + line)
  const scale = room / Math.max(whole.width, whole.height)
  const [width, height] = [whole.width, whole.height].map((each) => Math.max(1, Math.round(each * scale)))
  const sized = await enlarge(whole, width as number, height as number)
  const placed = centred(sized, side)
  const canvas = new OffscreenCanvas(side, side)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser gave the page no canvas to write pictures with. Close other tabs first.')
  const ready = line > 0 ? outlined(placed, line) : placed
  context.putImageData(new ImageData(ready.data, side, side), 0, 0)
  if (look.background !== undefined) {
    context.globalCompositeOperation = 'destination-over'
    context.fillStyle = look.background
    context.fillRect(0, 0, side, side)
  }
  return canvas
}

/** What is left without the transparent margins: of a picture that is transparent all over, all of it. */
export function cropped(picture: Picture): Picture {
  const { width, height, data } = picture
  let [left, top, right, bottom] = [width, height, -1, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[4 * (y * width + x) + 3] as number) < faint) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = y
    }
  }
  if (right < left) return picture
  const part = { width: right - left + 1, height: bottom - top + 1 }
  const pixels = new Uint8ClampedArray(4 * part.width * part.height)
  for (let y = 0; y < part.height; y++) {
    const from = 4 * ((top + y) * width + left)
    pixels.set(data.subarray(from, from + 4 * part.width), 4 * y * part.width)
  }
  return { ...part, data: pixels }
}

function centred({ width, height, data }: Picture, side: number): Picture {
  const pixels = new Uint8ClampedArray(4 * side * side)
  const left = (side - width) >> 1
  const top = (side - height) >> 1
  for (let y = 0; y < height; y++) {
    pixels.set(data.subarray(4 * y * width, 4 * (y + 1) * width), 4 * ((top + y) * side + left))
  }
  return { width: side, height: side, data: pixels }
}

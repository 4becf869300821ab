import type { Picture } from '../../index'
import { apngOf } from './apng'
import { composed, type Look } from './compose'
import { bytesOf, pngOf } from './encode'

const scaleMs = 600
const lastMs = 2_400

/** How a picture came to be: its scales one after the other, then the finished picture; for ever. */
export async function reveal(scales: readonly Picture[], finished: Picture, look: Look): Promise<Blob> {
  const side = Math.max(finished.width, finished.height)
  // Cut alike, a scale would jump: each has margins of its own.
  const whole = { ...look, crop: false }
  const png = async (picture: Picture) => bytesOf(await pngOf(await composed(picture, whole, { side })))
  const last = await png(finished)
  const frames = await Promise.all(scales.map(async (scale) => ({ png: await png(scale), milliseconds: scaleMs })))
  // The last scale is the finished picture, which stays longer.
  const growing = frames.slice(0, -1)
  return new Blob([apngOf(last, [...growing, { png: last, milliseconds: lastMs }])], { type: 'image/png' })
}

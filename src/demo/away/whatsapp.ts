import type { Picture } from '../../index'
import { composed, type Look } from './compose'
import { pngOf, webpOf } from './encode'
import { whatsapp as limits } from './limits'
import { zipOf } from './zip'

/** Lossless ones are nearly never small enough. */
const bestQuality = 0.95

/**
 * A pack of stickers as sticker apps open it (.wastickers, a zip): the pictures, the icon of the pack, its title and its
 * author, and the same as the `contents.json` of WhatsApp's own sample app. Always transparent, as WhatsApp asks.
 *
 * @throws Error for no picture or more than 30.
 */
export async function whatsappPack(
  pictures: readonly Picture[],
  look: Look,
  title: string,
  progress: (done: number) => void,
): Promise<Blob> {
  const [first] = pictures
  const { most } = limits.pictures
  if (!first || pictures.length > most) throw new Error(`A pack has up to ${most} pictures. Choose from 1 to ${most}.`)
  const clear = { ...look, background: undefined }
  const stickers: [string, Blob][] = []
  for (const [index, picture] of pictures.entries()) {
    const canvas = await composed(picture, clear, { side: limits.side, margin: limits.margin })
    stickers.push([`${String(index + 1).padStart(2, '0')}.webp`, await webpOf(canvas, limits.most, bestQuality)])
    progress(index + 1)
  }
  const tray = await pngOf(await composed(first, clear, { side: limits.tray.side }))
  const pack = {
    identifier: `scalewise-${Date.now()}`,
    name: title,
    publisher: 'scalewise',
    tray_image_file: 'tray.png',
    image_data_version: '1',
    avoid_cache: false,
    stickers: stickers.map(([image_file]) => ({ image_file, emojis: ['🙂'] })),
  }
  return zipOf([
    ['title.txt', title],
    ['author.txt', 'scalewise'],
    ['tray.png', tray],
    ...stickers,
    ['contents.json', JSON.stringify({ sticker_packs: [pack] }, undefined, 2)],
  ])
}

import { expose } from 'comlink'
import type { Picture } from '../../index'
import { composed, type Look } from './compose'
import { pngOf, webpOf } from './encode'
import { favicons } from './favicons'
import { emoji, large, telegram } from './limits'
import { reveal } from './reveal'
import { whatsappPack } from './whatsapp'

/** All that makes files, away from the thread that the page answers on. */
const api = {
  async stickerPng(picture: Picture, look: Look): Promise<Blob> {
    return pngOf(await composed(picture, look, { side: telegram.side }))
  },
  async stickerWebp(picture: Picture, look: Look): Promise<Blob> {
    return webpOf(await composed(picture, look, { side: telegram.side }), telegram.most)
  },
  async large(picture: Picture, look: Look): Promise<Blob> {
    return pngOf(await composed(picture, look, { side: large.side }))
  },
  async emoji(picture: Picture, look: Look): Promise<Blob> {
    return pngOf(await composed(picture, look, { side: emoji.side }))
  },
  favicons,
  reveal,
  whatsappPack,
}

export type AwayApi = typeof api

expose(api)

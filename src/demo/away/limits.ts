/** What other programs take, in pixels and bytes. Where they say KB, a thousand is meant here: it fits either reading. */

/** https://core.telegram.org/stickers */
export const telegram = { side: 512, most: 512_000 } as const

/** To print, or to work on. */
export const large = { side: 1024 } as const

/** Of Slack; Discord takes twice as much. */
export const emoji = { side: 128, most: 128_000 } as const

/** https://github.com/WhatsApp/stickers */
export const whatsapp = {
  side: 512,
  margin: 16,
  most: 100_000,
  tray: { side: 96, most: 50_000 },
  pictures: { least: 3, most: 30 },
} as const

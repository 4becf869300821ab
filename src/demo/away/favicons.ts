import type { Picture } from '../../index'
import { composed, type Look } from './compose'
import { bytesOf, pngOf } from './encode'
import { icoOf } from './ico'
import { zipOf } from './zip'

const icoSides = [16, 32, 48]
/** What any mask leaves of an icon is a circle of four fifths of its width; this part of the side is out of its square. */
const maskedAway = (1 - 0.8 / Math.SQRT2) / 2

const manifest = {
  icons: [
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
}

const head = `<!-- The files beside this one lie in the folder of the page. -->
<link rel="icon" href="favicon.ico" sizes="32x32">
<link rel="icon" href="icon-192.png" type="image/png" sizes="192x192">
<link rel="apple-touch-icon" href="apple-touch-icon.png">
<link rel="manifest" href="site.webmanifest">
`

/** The icons of a website as a zip, with the lines that name them. */
export async function favicons(picture: Picture, look: Look): Promise<Blob> {
  const png = async (side: number, margin = 0, own = look): Promise<Blob> =>
    pngOf(await composed(picture, own, { side, margin }))
  // These two are shown on a square or under a mask of the system's: black or white where they were transparent.
  const filled = { ...look, background: look.background ?? '#ffffff' }
  const small = await Promise.all(icoSides.map(async (side) => ({ side, png: await bytesOf(await png(side)) })))
  const files: readonly [string, BlobPart][] = [
    ['favicon.ico', icoOf(small)],
    ['apple-touch-icon.png', await png(180, 18, filled)],
    ['icon-192.png', await png(192)],
    ['icon-512.png', await png(512)],
    ['icon-maskable-512.png', await png(512, Math.ceil(512 * maskedAway), filled)],
    ['site.webmanifest', `${JSON.stringify(manifest, undefined, 2)}\n`],
    ['head.html', head],
  ]
  return zipOf(files)
}

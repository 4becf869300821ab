/** Highest first. 1 is lossless in Chromium, which takes the longest and is several times as large. */
const qualities = [1, 0.95, 0.9, 0.8, 0.7, 0.55, 0.4, 0.25, 0.1]
/** Steps of transparency, which WebP keeps without loss: what stays too large at every quality is made coarser there. */
const coarserSteps = [8, 1]
const coarserQualities = [0.7, 0.1]

export function pngOf(canvas: OffscreenCanvas): Promise<Blob> {
  return canvas.convertToBlob({ type: 'image/png' })
}

/**
 * WebP with fewer bytes than `most`, of the best quality from `best` on.
 *
 * @throws Error where the picture does not become that small.
 */
export async function webpOf(canvas: OffscreenCanvas, most: number, best = 1): Promise<Blob> {
  const start = qualities.filter((quality) => quality <= best)
  const found = await firstBelow(canvas, most, start)
  if (found) return found
  for (const steps of coarserSteps) {
    const coarse = await firstBelow(coarser(canvas, steps), most, coarserQualities)
    if (coarse) return coarse
  }
  throw new Error(`This picture does not become smaller than ${Math.floor(most / 1000)} kB. Take another one.`)
}

/** The first quality that fits; undefined where not even the last one does, which is tried second. */
async function firstBelow(canvas: OffscreenCanvas, most: number, of: readonly number[]): Promise<Blob | undefined> {
  const encoded = async (quality: number): Promise<Blob | undefined> => {
    const blob = await encodedWebp(canvas, quality)
    return blob.size < most ? blob : undefined
  }
  const [first, ...rest] = of
  const best = first === undefined ? undefined : await encoded(first)
  const last = rest.pop()
  if (best || last === undefined) return best
  const least = await encoded(last)
  if (!least) return undefined
  for (const quality of rest) {
    const found = await encoded(quality)
    if (found) return found
  }
  return least
}

async function encodedWebp(canvas: OffscreenCanvas, quality: number): Promise<Blob> {
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality })
  if (blob.type === 'image/webp') return blob
  const image = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height)
  if (!image) throw new Error('This browser gave the page no canvas to write pictures with. Close other tabs first.')
  const { libraryWebp } = await import('./webp-library')
  return libraryWebp(image, quality)
}

/** The same with no more than this many steps from transparent to solid. */
function coarser(canvas: OffscreenCanvas, steps: number): OffscreenCanvas {
  const { width, height } = canvas
  const copy = new OffscreenCanvas(width, height)
  const image = canvas.getContext('2d')?.getImageData(0, 0, width, height)
  if (!image) return canvas
  for (let at = 3; at < image.data.length; at += 4) {
    image.data[at] = (Math.round(((image.data[at] as number) * steps) / 255) * 255) / steps
  }
  copy.getContext('2d')?.putImageData(image, 0, 0)
  return copy
}

export async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}

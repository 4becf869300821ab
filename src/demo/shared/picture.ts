import type { Picture } from '../../index'

/** A canvas of the picture's own size, transparent where the picture is. */
export function toCanvas(picture: Picture): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = picture.width
  canvas.height = picture.height
  canvas.getContext('2d')?.putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0)
  return canvas
}

/** The picture as a transparent PNG file of its own size. */
export function toPng(picture: Picture): Promise<Blob> {
  return new Promise((resolve, reject) => {
    toCanvas(picture).toBlob((blob) => {
      if (blob) resolve(blob)
      else reject(new Error('The browser could not write the picture as PNG. Try again with another browser.'))
    }, 'image/png')
  })
}

/** a-red-apple-7: the name of a file, without its ending. */
export function fileName(prompt: string, seed: bigint): string {
  const words = prompt
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '') // The accents, which NFKD sets apart.
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  return `${words || 'picture'}-${seed}`
}

export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file)
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  // The download has its own hold on the blob once it has begun, which is not before the click is handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

export async function copyPng(file: Promise<Blob>): Promise<void> {
  const refused = 'This browser does not let the page copy pictures. Drag it or save it instead.'
  if (typeof ClipboardItem === 'undefined' || !navigator.clipboard?.write) throw new Error(refused)
  try {
    // The promise goes in unresolved: Safari allows writing only within the click.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': file })])
  } catch (cause) {
    throw new Error(refused, { cause })
  }
}

/** `navigator.clipboard` is missing where a page did not come by HTTPS, and refuses where it is not allowed. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch (cause) {
    throw new Error('This browser does not let the page copy. The link is in the address bar: copy it there.', {
      cause,
    })
  }
}

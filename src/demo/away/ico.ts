/** One picture of an icon: a PNG file of a square of at most 256 pixels. */
export interface IconPicture {
  readonly side: number
  readonly png: Uint8Array
}

const headerBytes = 6
const entryBytes = 16

/**
 * An ICO file of PNGs: a header, an entry of 16 bytes for each, then the files as they are. (Of the packages that write
 * ICO, one is for Node alone, one is not kept any more, and one is under another licence than this page's.)
 */
export function icoOf(pictures: readonly IconPicture[]): Uint8Array<ArrayBuffer> {
  const before = headerBytes + entryBytes * pictures.length
  const file = new Uint8Array(pictures.reduce((sum, { png }) => sum + png.length, before))
  const view = new DataView(file.buffer)
  view.setUint16(2, 1, true) // An icon, not a cursor.
  view.setUint16(4, pictures.length, true)
  let at = before
  for (const [index, { side, png }] of pictures.entries()) {
    const entry = headerBytes + entryBytes * index
    file[entry] = side % 256 // 256 is written as 0.
    file[entry + 1] = side % 256
    view.setUint16(entry + 4, 1, true) // Planes.
    view.setUint16(entry + 6, 32, true) // Bits of a pixel.
    view.setUint32(entry + 8, png.length, true)
    view.setUint32(entry + 12, at, true)
    file.set(png, at)
    at += png.length
  }
  return file
}

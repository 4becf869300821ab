/** PNG as a list of chunks (https://www.w3.org/TR/png-3/): as much of it as text and animations need. */

/** One chunk; its length and its checksum are made when it is written. */
export interface Chunk {
  /** Four ASCII letters, such as IHDR. */
  readonly type: string
  readonly data: Uint8Array
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

export function isPng(file: Uint8Array): boolean {
  return signature.every((byte, index) => file[index] === byte)
}

/**
 * The chunks up to IEND; what follows is not read. Checksums are not checked: whoever shows the picture does that.
 *
 * @throws Error for a file that is no PNG or ends within a chunk.
 */
export function readPngChunks(file: Uint8Array): Chunk[] {
  if (!isPng(file)) throw new Error('That is not a PNG file. Give one that begins as PNG files do.')
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const chunks: Chunk[] = []
  for (let at = signature.length; at + 12 <= file.length; ) {
    const length = view.getUint32(at)
    if (at + 12 + length > file.length) break
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8))
    chunks.push({ type, data: file.subarray(at + 8, at + 8 + length) })
    if (type === 'IEND') return chunks
    at += 12 + length
  }
  throw new Error('That PNG file is cut short. Save it again where it came from.')
}

/** The file of these chunks. */
export function writeChunks(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(chunks.reduce((sum, { data }) => sum + 12 + data.length, signature.length))
  const view = new DataView(file.buffer)
  file.set(signature)
  let at = signature.length
  for (const { type, data } of chunks) {
    view.setUint32(at, data.length)
    for (let letter = 0; letter < 4; letter++) file[at + 4 + letter] = type.charCodeAt(letter)
    file.set(data, at + 8)
    view.setUint32(at + 8 + data.length, crc32(file.subarray(at + 4, at + 8 + data.length)))
    at += 12 + data.length
  }
  return file
}

/** CRC-32 of ISO 3309, as PNG asks for: of the chunk's type and its data. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (remainders[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1
  return rest
})

import { PNG } from 'pngjs'
import type { Picture } from '../types'
import { UsageError } from './arguments'
import { readPlain } from './read-plain'

/** Far above what is drawn from. Reading one takes half a gigabyte, and no signal is heard meanwhile. */
const MAX_PIXELS = 64e6
const MAX_BYTES = 2 ** 28
/** The name of the chunk that a PNG begins with. */
const IHDR = 0x49484452

/** A PNG as straight RGBA of 8 bits, whatever it holds; of an animated one the first frame. Throws `UsageError`. */
export async function readPicture(path: string): Promise<Picture> {
  const bytes = await readPlain(path, MAX_BYTES).catch((error: Error) => {
    throw new UsageError(`--image ${path} ${error.message}. Give the name of a PNG.`)
  })
  checkSize(path, bytes)
  try {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer))
    return { width, height, data: Uint8ClampedArray.from(data) }
  } catch {
    throw new UsageError(`--image ${path} is not a PNG that can be read. Convert it to PNG first.`)
  }
}

/** By the header, before anything is unpacked: a hundred kilobytes may hold a gigapixel of nothing. */
function checkSize(path: string, bytes: Uint8Array<ArrayBuffer>): void {
  if (bytes.length < 24) return
  const header = new DataView(bytes.buffer)
  const [width, height] = [header.getUint32(16), header.getUint32(20)]
  if (width * height <= MAX_PIXELS || header.getUint32(12) !== IHDR) return
  throw new UsageError(`--image ${path} has ${width}×${height} pixels, more than can be read. Make it smaller first.`)
}

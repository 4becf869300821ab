import { readFile } from 'node:fs/promises'
import { PNG } from 'pngjs'
import type { Picture } from '../types'
import { UsageError } from './arguments'

/** A PNG as straight RGBA of 8 bits, whatever it holds; of an animated one the first frame. Throws `UsageError`. */
export async function readPicture(path: string): Promise<Picture> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UsageError(`--image ${path} could not be read: ${error instanceof Error ? error.message : error}.`)
  })
  try {
    const { width, height, data } = PNG.sync.read(bytes)
    return { width, height, data: Uint8ClampedArray.from(data) }
  } catch {
    throw new UsageError(`--image ${path} is not a PNG that can be read. Convert it to PNG first.`)
  }
}

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PNG } from 'pngjs'
import type { Picture } from '../types'

export function encodePng({ width, height, data }: Picture): Buffer {
  const png = new PNG({ width, height })
  png.data.set(data)
  return PNG.sync.write(png)
}

/** Makes the folder, too. */
export async function writePng(file: string, picture: Picture): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, encodePng(picture))
}

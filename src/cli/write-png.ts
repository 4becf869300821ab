import { PNG } from 'pngjs'
import type { Picture } from '../types'
import { PictureFile } from './picture-file'

export function encodePng({ width, height, data }: Picture): Buffer {
  const png = new PNG({ width, height })
  png.data.set(data)
  return PNG.sync.write(png)
}

/** Whole or not at all; makes the folder, too. That the name is free was asked before. */
export async function writePng(file: string, picture: Picture): Promise<void> {
  await PictureFile.open(file, true).write(encodePng(picture))
}

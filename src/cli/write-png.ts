import { PNG } from 'pngjs'
import type { Picture } from '../types'

export function encodePng({ width, height, data }: Picture): Buffer {
  const png = new PNG({ width, height })
  png.data.set(data)
  return PNG.sync.write(png)
}

/**
 * Pictures as pages need them: an entry of its own, `scalewise/picture`.
 *
 * @module scalewise/picture
 */
import { EngineError, shown } from './errors'
import type { Picture } from './types'

export interface PictureOptions {
  /** A CSS colour behind what is transparent; none by default. */
  readonly background?: string
}

export interface BlobOptions extends PictureOptions {
  /** `image/png` by default; browsers write `image/webp` or `image/jpeg`, too. JPEG has no transparency: give a background. */
  readonly type?: string
  /** Of WebP and JPEG, from 0 to 1. */
  readonly quality?: number
}

/**
 * Draws a picture on a canvas, which takes its size; CSS says how large it is shown.
 *
 * @throws EngineError 'InvalidRequest' for a canvas that has another context already.
 */
export function drawTo(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  picture: Picture,
  { background }: PictureOptions = {},
): void {
  const { width, height, data } = picture
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null
  if (!context) {
    throw new EngineError(
      'InvalidRequest',
      'This canvas has another context than 2d already. Give a canvas of its own.',
    )
  }
  context.putImageData(new ImageData(data, width, height), 0, 0)
  if (!background) return
  context.globalCompositeOperation = 'destination-over'
  context.fillStyle = background
  context.fillRect(0, 0, width, height)
}

/** For canvases, WebGL and WebGPU textures, and other workers; to be closed when it is not needed any more. */
export function toImageBitmap({ data, width, height }: Picture): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(data, width, height))
}

/**
 * The picture as a file.
 *
 * @throws EngineError 'InvalidRequest' for a type that this browser does not write.
 */
export async function toBlob(picture: Picture, options: BlobOptions = {}): Promise<Blob> {
  const { type = 'image/png', quality } = options
  const { width, height } = picture
  const canvas = 'OffscreenCanvas' in globalThis ? new OffscreenCanvas(width, height) : document.createElement('canvas')
  drawTo(canvas, picture, options)
  const blob =
    'convertToBlob' in canvas
      ? await canvas.convertToBlob({ type, ...(quality !== undefined && { quality }) })
      : await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality))
  if (blob?.type === type) return blob
  throw new EngineError('InvalidRequest', `This browser does not write ${shown(type)}. Use 'image/png'.`)
}

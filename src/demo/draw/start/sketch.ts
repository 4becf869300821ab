import type { Picture } from '../../../index'
import { toCanvas } from '../../shared/picture'

/** Pixels along a side: what the page's model draws, twice, so that strokes are smooth. */
const side = 512
/** Steps that Undo takes back; each is 1 MB. */
const mostUndone = 20

export interface Brush {
  /** A CSS colour; undefined rubs out. */
  readonly colour: string | undefined
  /** Pixels of the canvas. */
  readonly width: number
}

export interface Sketch {
  /** What is on the canvas; undefined while it is empty. */
  read(): Picture | undefined
  /** Replaces what is there, whole within the square; undefined clears it. */
  put(picture: CanvasImageSource | Picture | undefined): void
  undo(): void
  readonly canUndo: boolean
  /** Something is on the canvas, which is not read for that. */
  readonly used: boolean
}

export interface SketchOptions {
  brush(): Brush
  /** While a stroke grows, when it ends, and after every other change. */
  onChange(): void
}

/** A canvas to draw on, with a mouse, a pen or a finger. Transparent where nothing is. */
export function createSketch(canvas: HTMLCanvasElement, { brush, onChange }: SketchOptions): Sketch {
  canvas.width = side
  canvas.height = side
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('This browser gave the page no canvas to draw on.')
  const paint = context
  let before: ImageData[] = []
  let empty = true
  let last: readonly [number, number] | undefined

  const look = (): ImageData => paint.getImageData(0, 0, side, side)
  const remember = (): void => {
    before = [...before, look()].slice(-mostUndone)
  }
  /** A pixel at a time: no colour is left where nothing covers. */
  const isEmpty = (): boolean => new Uint32Array(look().data.buffer).every((pixel) => pixel === 0)

  function place(event: PointerEvent): readonly [number, number] {
    const box = canvas.getBoundingClientRect()
    return [((event.clientX - box.left) / box.width) * side, ((event.clientY - box.top) / box.height) * side]
  }

  function line(from: readonly [number, number], to: readonly [number, number]): void {
    const { colour, width } = brush()
    paint.globalCompositeOperation = colour === undefined ? 'destination-out' : 'source-over'
    paint.strokeStyle = colour ?? '#000'
    paint.lineWidth = width
    paint.lineCap = 'round'
    paint.lineJoin = 'round'
    paint.beginPath()
    paint.moveTo(...from)
    // A line of no length is no dot, whatever its ends: canvases leave it out.
    paint.lineTo(to[0] + (from[0] === to[0] && from[1] === to[1] ? 0.01 : 0), to[1])
    paint.stroke()
    paint.globalCompositeOperation = 'source-over'
    if (colour !== undefined) empty = false
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
    remember()
    last = place(event)
    line(last, last)
    onChange()
  })
  canvas.addEventListener('pointermove', (event) => {
    if (!last) return
    // All points since the last frame: a fast stroke stays round.
    const points = event.getCoalescedEvents?.() ?? []
    for (const point of points.length > 0 ? points : [event]) {
      const next = place(point)
      line(last, next)
      last = next
    }
    onChange()
  })
  for (const end of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(end, () => {
      if (!last) return
      last = undefined
      empty = isEmpty()
      onChange()
    })
  }

  return {
    read: () => (empty ? undefined : look()),
    put(picture) {
      remember()
      paint.clearRect(0, 0, side, side)
      if (picture) {
        const source = 'data' in picture ? toCanvas(picture) : picture
        const [width, height] = extentOf(source)
        const scale = side / Math.max(width, height)
        const [wide, high] = [width * scale, height * scale]
        paint.imageSmoothingQuality = 'high'
        paint.drawImage(source, (side - wide) / 2, (side - high) / 2, wide, high)
      }
      empty = isEmpty()
      onChange()
    },
    undo() {
      const state = before.at(-1)
      if (!state) return
      before = before.slice(0, -1)
      paint.putImageData(state, 0, 0)
      empty = isEmpty()
      onChange()
    },
    get used() {
      return !empty
    },
    get canUndo() {
      return before.length > 0
    },
  }
}

function extentOf(source: CanvasImageSource): readonly [number, number] {
  if (source instanceof HTMLImageElement) return [source.naturalWidth, source.naturalHeight]
  const { width, height } = source as HTMLCanvasElement
  return [width, height]
}

/**
 * PyTorch's bicubic resize: `F.interpolate(mode="bicubic", align_corners=False)`, no antialias, borders repeated.
 * The weights are Keys' cubic convolution (1981) with PyTorch's a = −0.75.
 */

const A = -0.75
const TAPS = 4

/** The four cells and weights that make each output cell of one axis: entries 4i to 4i+3 belong to output cell i. */
export interface Taps {
  readonly cells: Int32Array
  readonly weights: Float64Array
}

/** Weight at distance d of a cell, 0 ≤ d ≤ 2. */
function cubic(d: number): number {
  if (d <= 1) return ((A + 2) * d - (A + 3)) * d * d + 1
  return ((A * d - 5 * A) * d + 8 * A) * d - 4 * A
}

/** Taps of one axis. The source coordinate of output cell i is (i + ½)·from/to − ½. */
export function bicubicTaps(from: number, to: number): Taps {
  const cells = new Int32Array(to * TAPS)
  const weights = new Float64Array(to * TAPS)
  for (let i = 0; i < to; i++) {
    // An integer fraction, (2i + 1)·from − to over 2·to, so that floor is exact and equal to the shader's.
    const numerator = (2 * i + 1) * from - to
    const cell = Math.floor(numerator / (2 * to))
    const t = (numerator - cell * 2 * to) / (2 * to)
    for (let tap = 0; tap < TAPS; tap++) {
      cells[i * TAPS + tap] = Math.min(Math.max(cell - 1 + tap, 0), from - 1)
      weights[i * TAPS + tap] = cubic(Math.abs(tap - 1 - t))
    }
  }
  return { cells, weights }
}

/**
 * Resizes planes of height × width laid end to end, first along rows and then along columns.
 * `source` has planes·height·width numbers; the result planes·rows.outputs·columns.outputs.
 */
export function resizePlanes(
  source: Float32Array,
  height: number,
  width: number,
  rows: Taps,
  columns: Taps,
): Float32Array {
  const wide = columns.cells.length / TAPS
  const tall = rows.cells.length / TAPS
  const planes = source.length / (height * width)
  const result = new Float32Array(planes * tall * wide)
  const widened = new Float32Array(height * wide)
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < height; y++) {
      const row = (plane * height + y) * width
      for (let x = 0; x < wide; x++) widened[y * wide + x] = weighted(source, columns, x, row, 1)
    }
    for (let y = 0; y < tall; y++) {
      const row = (plane * tall + y) * wide
      for (let x = 0; x < wide; x++) result[row + x] = weighted(widened, rows, y, x, wide)
    }
  }
  return result
}

/** The weighted sum of output cell i of an axis whose cell 0 is at `start`, cells being `stride` apart. */
function weighted(source: Float32Array, { cells, weights }: Taps, i: number, start: number, stride: number): number {
  let sum = 0
  for (let tap = i * TAPS; tap < (i + 1) * TAPS; tap++) {
    sum += (weights[tap] as number) * (source[start + (cells[tap] as number) * stride] as number)
  }
  return sum
}

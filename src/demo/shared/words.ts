/** Numbers as people read them. Nothing here is estimated: what is not known is not shown. */

import type { LatentSize } from '../../index'

/** Decimal units, as downloads are counted: 350 bytes, 950 kB, 12.3 MB, 1.2 GB. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} bytes`
  if (count < 999_500) return `${Math.round(count / 1e3)} kB`
  if (count < 999_950_000) return `${(count / 1e6).toFixed(1)} MB`
  return `${(count / 1e9).toFixed(1)} GB`
}

/** 8.4 ms, 45 ms, 1.23 s. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(2)} s`
}

/** Height and width of a size given as one number or two. */
export function sides(size: LatentSize): readonly [number, number] {
  return typeof size === 'number' ? [size, size] : size
}

/** Width first, as pictures are measured: 8 × 8. */
export function extent(width: number, height: number): string {
  return `${width} × ${height}`
}

/** 1 scale, 5 scales. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

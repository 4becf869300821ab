import type { LatentShape } from '../types'

/**
 * `struct Params` of shaders/params.wgsl, field by field: 32 bits each, so field i lies at byte 4i. params.test.ts
 * compares the two. A kernel that needs another number gets a field here, in the struct and in `Dispatch`.
 */
export const PARAMS = [
  ['batch', 'u32'],
  ['channels', 'u32'],
  ['in_height', 'u32'],
  ['in_width', 'u32'],
  ['out_height', 'u32'],
  ['out_width', 'u32'],
  ['draw', 'u32'],
  ['sigma', 'f32'],
  ['next_sigma', 'f32'],
] as const satisfies readonly (readonly [name: string, type: 'u32' | 'f32'])[]

/** What varies from dispatch to dispatch. `output` says how many elements there are to write. */
export interface Dispatch {
  readonly input: LatentShape
  readonly output: LatentShape
  readonly draw?: number
  readonly sigma?: number
  readonly nextSigma?: number
}

/** The bytes of the uniform struct. Every platform with WebGPU is little-endian. */
export function encodeParams({ input, output, draw = 0, sigma = 0, nextSigma = 0 }: Dispatch): Uint32Array {
  const values: Record<(typeof PARAMS)[number][0], number> = {
    batch: input.batch,
    channels: input.channels,
    in_height: input.height,
    in_width: input.width,
    out_height: output.height,
    out_width: output.width,
    draw,
    sigma,
    next_sigma: nextSigma,
  }
  const words = new Uint32Array(PARAMS.length)
  const floats = new Float32Array(words.buffer)
  PARAMS.forEach(([name, type], i) => {
    if (type === 'u32') words[i] = values[name]
    else floats[i] = values[name]
  })
  return words
}

import { checkLength, checkVelocity, elements, freedError, imageElements, notFiniteError, resizedShape } from '../shape'
import type { Kernels, Latent, LatentShape, NoiseKey, PreviewMap, ScaleStep } from '../types'
import { bicubicTaps, resizePlanes } from './bicubic'
import { fillNormal } from './philox'

export interface CpuLatent extends Latent {
  /** Batch, channels, height, width, in this order. */
  readonly data: Float32Array
}

/**
 * The kernels in plain TypeScript: the reference for the shaders, and what draws where there is no WebGPU. Their twins
 * are the shaders (shaders/*.wgsl, called from webgpu.ts) and training/method/sample.py in PyTorch, whose numbers
 * training/export/golden.py writes to golden/*.json. webgpu.ts says how to add a kernel.
 */
export class CpuKernels implements Kernels<CpuLatent> {
  readonly dispatches = 0
  readonly readbacks = 0
  readonly #owned = new Set<CpuLatent>()

  get live(): number {
    return this.#owned.size
  }

  noise(shape: LatentShape, key: NoiseKey): CpuLatent {
    return this.#own(normal(shape, key), shape)
  }

  advance(latent: CpuLatent, velocity: CpuLatent, step: ScaleStep, next: ScaleStep, key: NoiseKey): CpuLatent {
    const x0 = this.#x0(latent, velocity, step)
    const { height, width } = latent.shape
    const shape = resizedShape(latent.shape, next.size)
    const unchanged = shape.height === height && shape.width === width
    const resized = unchanged
      ? x0
      : resizePlanes(x0, height, width, bicubicTaps(height, shape.height), bicubicTaps(width, shape.width))
    const noise = normal(shape, key)
    const data = resized.map((value, i) => (1 - next.sigma) * value + next.sigma * (noise[i] as number))
    return this.#own(data, shape)
  }

  predictX0(latent: CpuLatent, velocity: CpuLatent, step: ScaleStep): CpuLatent {
    return this.#own(this.#x0(latent, velocity, step), latent.shape)
  }

  preview(x0: CpuLatent, map: PreviewMap): CpuLatent {
    this.#checkOwned(x0)
    const { batch, channels, height, width } = x0.shape
    const plane = height * width
    const shape: LatentShape = { batch, channels: 4, height, width }
    const data = new Float32Array(elements(shape))
    for (let i = 0; i < data.length; i++) {
      const image = Math.floor(i / (4 * plane))
      const component = Math.floor(i / plane) % 4
      let value = map.bias[component] as number
      map.matrix[component]?.forEach((weight, channel) => {
        value += weight * (x0.data[(image * channels + channel) * plane + (i % plane)] as number)
      })
      data[i] = Math.min(Math.max(value, 0), 1)
    }
    return this.#own(data, shape)
  }

  upload(data: Float32Array, shape: LatentShape): CpuLatent {
    checkLength(data.length, shape)
    return this.#own(data.slice(0, elements(shape)), shape)
  }

  /** Makes a latent of an array that nothing else writes to, without a copy. */
  adopt(data: Float32Array, shape: LatentShape): CpuLatent {
    checkLength(data.length, shape)
    return this.#own(data.length === elements(shape) ? data : data.subarray(0, elements(shape)), shape)
  }

  async read(latent: CpuLatent): Promise<Float32Array> {
    this.#checkOwned(latent)
    return latent.data.slice()
  }

  free(latent: CpuLatent): void {
    if (!this.#owned.delete(latent)) throw freedError()
  }

  #own(data: Float32Array, shape: LatentShape): CpuLatent {
    const latent = { data, shape }
    this.#owned.add(latent)
    return latent
  }

  #checkOwned(latent: CpuLatent): void {
    if (!this.#owned.has(latent)) throw freedError()
  }

  #x0(latent: CpuLatent, velocity: CpuLatent, step: ScaleStep): Float32Array {
    checkVelocity(latent, velocity)
    this.#checkOwned(latent)
    this.#checkOwned(velocity)
    const x0 = latent.data.map((value, i) => value - step.sigma * (velocity.data[i] as number))
    if (!x0.every(Number.isFinite)) throw notFiniteError()
    return x0
  }
}

/** Each image's noise from its own seed, elements counted inside the image: the batch slot does not matter. */
function normal(shape: LatentShape, key: NoiseKey): Float32Array {
  const size = imageElements(shape)
  const data = new Float32Array(elements(shape))
  key.seeds.forEach((seed, image) => {
    fillNormal(data.subarray(image * size, (image + 1) * size), seed, key.step)
  })
  return data
}

import type { Latent, LatentShape } from '../types'
import type { Execution, Ort, Tensor } from './ort'

/** How latents of one kind pass through ONNX Runtime. */
export interface TensorBridge<L extends Latent> {
  readonly execution: Execution
  /** A latent as an input, without a copy. The latent keeps its memory. */
  input(latent: L): Tensor
  /** A latent made of an output, which it takes over. */
  output(tensor: Tensor, shape: LatentShape): L
  /** An input that serves many runs; the caller disposes it. */
  constant(data: Float32Array, dims: readonly number[]): Tensor
}

export function dims({ batch, channels, height, width }: LatentShape): number[] {
  return [batch, channels, height, width]
}

/** `adopt` makes a latent of an array that nothing else writes to, without a copy. */
export function createCpuBridge<L extends Latent & { readonly data: Float32Array }>(
  ort: Ort,
  adopt: (data: Float32Array, shape: LatentShape) => L,
): TensorBridge<L> {
  return {
    execution: { name: 'wasm' },
    input: (latent) => new ort.Tensor('float32', latent.data, dims(latent.shape)),
    output: (tensor, shape) => adopt(tensor.data as Float32Array, shape),
    constant: (data, size) => new ort.Tensor('float32', data, size),
  }
}

/** `adopt` makes a latent of a GPU buffer that ORT owns, and calls `release` when the latent is freed. */
export function createGpuBridge<L extends Latent & { readonly buffer: GPUBuffer }>(
  ort: Ort,
  device: GPUDevice,
  adopt: (buffer: GPUBuffer, shape: LatentShape, release: () => void) => L,
): TensorBridge<L> {
  return {
    execution: { name: 'webgpu', device },
    input: (latent) => ort.Tensor.fromGpuBuffer(latent.buffer, { dataType: 'float32', dims: dims(latent.shape) }),
    output: (tensor, shape) => adopt(tensor.gpuBuffer as GPUBuffer, shape, () => tensor.dispose()),
    constant(data, size) {
      const buffer = device.createBuffer({
        label: 'constant',
        size: Math.ceil(data.byteLength / 16) * 16,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      })
      device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>)
      return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: size, dispose: () => buffer.destroy() })
    },
  }
}

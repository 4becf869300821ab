import type { Latent, LatentShape } from '../types'
import { dims, type TensorBridge } from './bridge'
import type { Ort } from './ort'

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

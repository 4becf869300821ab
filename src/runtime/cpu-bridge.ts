import type { Latent, LatentShape } from '../types'
import { dims, type TensorBridge } from './bridge'
import type { Ort } from './ort'

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

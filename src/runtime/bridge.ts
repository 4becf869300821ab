import type { Latent, LatentShape } from '../types'
import type { Execution, Tensor } from './ort'

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

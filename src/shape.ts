import { EngineError } from './errors'
import { heightWidth } from './schedule'
import type { Latent, LatentShape, LatentSize } from './types'

/** Numbers in one image's latent. */
export function imageElements(shape: LatentShape): number {
  return shape.channels * shape.height * shape.width
}

/** Numbers in the whole batch. */
export function elements(shape: LatentShape): number {
  return shape.batch * imageElements(shape)
}

/** The same batch and channels at another size. */
export function resizedShape(shape: LatentShape, size: LatentSize): LatentShape {
  const [height, width] = heightWidth(size)
  return { ...shape, height, width }
}

function describe({ batch, channels, height, width }: LatentShape): string {
  return `${batch}×${channels}×${height}×${width}`
}

/** The checks below stand at the kernels' door for both implementations, as WGSL itself would silently clamp. */

export function checkLength(length: number, shape: LatentShape): void {
  if (length >= elements(shape)) return
  throw new EngineError('ModelFailed', `${length} numbers were given for a latent of ${describe(shape)}.`)
}

export function checkVelocity(latent: Latent, velocity: Latent): void {
  if (describe(latent.shape) === describe(velocity.shape)) return
  throw new EngineError(
    'ModelFailed',
    `The denoiser answered ${describe(latent.shape)} with a velocity of ${describe(velocity.shape)}.`,
  )
}

/** For NaN and infinity in a clean estimate: the picture would be wrong, or blank. */
export function notFiniteError(): EngineError {
  return new EngineError('ModelFailed', 'The model drew NaN or infinity. Use the other backend.')
}

export function freedError(): EngineError {
  return new EngineError('Disposed', 'This latent was freed already.')
}

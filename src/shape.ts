import { EngineError } from './errors'
import { heightWidth } from './schedule'
import type { Latent, LatentShape, LatentSize, NoiseKey, PreviewMap } from './types'

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
  throw new EngineError(
    'ModelFailed',
    `A latent of ${length} numbers was given for the shape ${describe(shape)}. Check the model's channels and sizes.`,
  )
}

export function checkVelocity(latent: Latent, velocity: Latent): void {
  if (describe(latent.shape) === describe(velocity.shape)) return
  throw new EngineError(
    'ModelFailed',
    `The denoiser answered ${describe(latent.shape)} with a velocity of ${describe(velocity.shape)}. ` +
      'Use a model that answers in the same shape.',
  )
}

export function checkSeeds(shape: LatentShape, key: NoiseKey): void {
  if (key.seeds.length === shape.batch) return
  throw new EngineError(
    'InvalidSeed',
    `${key.seeds.length} seeds were given for ${shape.batch} images. Give one seed per image.`,
  )
}

export function checkPreviewMap(shape: LatentShape, map: PreviewMap): void {
  const rows = map.matrix.map((row) => row.length)
  if (rows.length === 4 && map.bias.length === 4 && rows.every((length) => length === shape.channels)) return
  throw new EngineError(
    'InvalidManifest',
    `The preview map does not fit. Give it 4 rows of ${shape.channels} numbers and 4 biases.`,
  )
}

export function freedError(): EngineError {
  return new EngineError('Disposed', 'This latent was freed already or is of other kernels. Free a latent once.')
}

import type { Model } from '../../pipeline'
import { sample } from '../../sample'
import { heightWidth } from '../../schedule'
import type { Conditioning, Latent, LatentSize, ScaleSchedule } from '../../types'

/** What PyTorch computed with a model's weights (training/export/parity.py); arrays are base64 of little-endian float32. */
export interface Golden {
  readonly prompt: string
  readonly seed: number
  readonly states: string
  readonly velocities: readonly { size: LatentSize; sigma: number; step: number; velocity: string }[]
  readonly decoder: { readonly size: LatentSize; readonly step: number; readonly picture: string }
  readonly loop: string
}

/** Relative L2 distances to PyTorch: |ours − theirs| / |theirs|. */
export interface Deviations {
  /** Tokens that our text encoder reads: fewer than PyTorch's, as it pads further. */
  readonly tokens: number
  readonly states: number
  /** One per step of the schedule, each from that step's own noise. */
  readonly velocities: readonly number[]
  readonly picture: number
  /** The whole loop's final latent, errors of all steps together. */
  readonly loop: number
}

/** Runs a model on the golden's inputs: its prompt and the noise of its seed. */
export async function deviations<L extends Latent>(model: Model<L>, golden: Golden): Promise<Deviations> {
  const { kernels, denoiser, decoder, promptEncoder, manifest } = model
  const channels = manifest.denoiser.latentChannels
  const seeds = [BigInt(golden.seed)]

  function noise(size: LatentSize, step: number): L {
    const [height, width] = heightWidth(size)
    return kernels.noise({ batch: 1, channels, height, width }, { seeds, step })
  }
  async function distance(latent: L, theirs: string): Promise<number> {
    const ours = await kernels.read(latent)
    kernels.free(latent)
    return relativeL2(ours, floats(theirs))
  }

  const conditioning = await promptEncoder.encode(golden.prompt)
  const states = statesOf(conditioning, manifest)
  const velocities: number[] = []
  for (const { size, sigma, step, velocity } of golden.velocities) {
    const latent = noise(size, step)
    velocities.push(await distance(await denoiser.velocity(latent, sigma, conditioning), velocity))
    kernels.free(latent)
  }
  const latent = noise(golden.decoder.size, golden.decoder.step)
  const picture = await distance(await decoder.decode(latent), golden.decoder.picture)
  kernels.free(latent)
  const x0 = await finalLatent(model, conditioning, golden)
  return {
    tokens: conditioning.tokens,
    states: relativeL2(states, floats(golden.states).subarray(0, states.length)),
    velocities,
    picture,
    loop: await distance(x0, golden.loop),
  }
}

/** The scale loop's result for the golden's seed, over the schedule that its velocities name. */
export async function finalLatent<L extends Latent>(
  { kernels, denoiser, manifest }: Pick<Model<L>, 'kernels' | 'denoiser' | 'manifest'>,
  conditioning: Conditioning,
  golden: Golden,
): Promise<L> {
  const schedule = golden.velocities.map(({ size, sigma }) => ({ size, sigma })) as unknown as ScaleSchedule
  const options = { schedule, channels: manifest.denoiser.latentChannels, seeds: [BigInt(golden.seed)] }
  const loop = sample(denoiser, kernels, conditioning, options)
  for (;;) {
    const { done, value } = await loop.next()
    if (done) return value
  }
}

/** The text encoder's one output, (tokens, width) row by row. */
function statesOf({ tensors }: Conditioning, { textEncoders }: Model<Latent>['manifest']): Float32Array {
  const [name] = Object.values(textEncoders[0]?.outputs ?? {})
  return tensors[name as string]?.data ?? new Float32Array()
}

export function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer)
}

export function relativeL2(ours: Float32Array, theirs: Float32Array): number {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} numbers, PyTorch made ${theirs.length}`)
  let difference = 0
  let norm = 0
  theirs.forEach((value, i) => {
    difference += ((ours[i] as number) - value) ** 2
    norm += value ** 2
  })
  return Math.sqrt(difference / norm)
}

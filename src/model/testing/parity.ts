import type { Model } from '../../pipeline'
import { sample } from '../../sample'
import { heightWidth } from '../../schedule'
import type { Latent, LatentSize, ScaleSchedule, TextEmbedding } from '../../types'

/** What PyTorch computed with a model's weights (training/export/parity.py); arrays are base64 of little-endian float32. */
export interface Golden {
  readonly prompt: string
  readonly seed: number
  /** As PyTorch reads them: padded to the model's last token, further than we pad. */
  readonly ids: readonly number[]
  readonly mask: readonly number[]
  readonly states: string
  readonly velocities: readonly { size: LatentSize; sigma: number; step: number; velocity: string }[]
  readonly decoder: { readonly size: LatentSize; readonly step: number; readonly picture: string }
  readonly loop: string
}

/** Relative L2 distances to PyTorch: |ours − theirs| / |theirs|. */
export interface Deviations {
  readonly ids: readonly number[]
  readonly states: number
  /** One a step of the schedule, each from that step's own noise. */
  readonly velocities: readonly number[]
  readonly picture: number
  /** The whole loop's final latent, errors of all steps together. */
  readonly loop: number
}

/** Runs a model on the golden's inputs: its prompt and the noise of its seed. */
export async function deviations<L extends Latent>(model: Model<L>, golden: Golden): Promise<Deviations> {
  const { kernels, denoiser, decoder, tokenizer, textEncoder, manifest } = model
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

  const { ids, mask } = tokenizer.tokenize(golden.prompt)
  const text: TextEmbedding = await textEncoder.encode(ids, mask)
  const velocities: number[] = []
  for (const { size, sigma, step, velocity } of golden.velocities) {
    const latent = noise(size, step)
    velocities.push(await distance(await denoiser.velocity(latent, sigma, text), velocity))
    kernels.free(latent)
  }
  const latent = noise(golden.decoder.size, golden.decoder.step)
  const picture = await distance(await decoder.decode(latent), golden.decoder.picture)
  kernels.free(latent)
  const x0 = await finalLatent(model, text, golden)
  return {
    ids,
    states: relativeL2(text.states, floats(golden.states).subarray(0, text.states.length)),
    velocities,
    picture,
    loop: await distance(x0, golden.loop),
  }
}

/** The scale loop's result for the golden's seed, over the schedule that its velocities name. */
export async function finalLatent<L extends Latent>(
  { kernels, denoiser, manifest }: Pick<Model<L>, 'kernels' | 'denoiser' | 'manifest'>,
  text: TextEmbedding,
  golden: Golden,
): Promise<L> {
  const schedule = golden.velocities.map(({ size, sigma }) => ({ size, sigma })) as unknown as ScaleSchedule
  const options = { schedule, channels: manifest.denoiser.latentChannels, seeds: [BigInt(golden.seed)] }
  const loop = sample(denoiser, kernels, text, options)
  for (;;) {
    const { done, value } = await loop.next()
    if (done) return value
  }
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

/** One denoiser call against its tokens and against the batch. */
import { tokenCount } from '../../src/schedule'
import type { Conditioning } from '../../src/types'
import type { Growth, GrowthRow } from '../results'
import { growthBatches, growthSizes } from '../schedules'
import { fitExponent, inTurn, spread } from '../statistics'
import { msOf, type OrtRun } from './clock'
import { longestPrompt, type Subject } from './subject'

const BATCH_SIZE = 16

/** One call of the denoiser on noise. Returns ORT's call. */
export async function denoiseOnce(subject: Subject, size: number, batch: number): Promise<OrtRun[]> {
  const { model, manifest } = subject
  const conditioning = await prompt(subject)
  const seeds = Array.from({ length: batch }, (_, i) => BigInt(i))
  const shape = { batch, channels: manifest.denoiser.latentChannels, height: size, width: size }
  const latent = model.kernels.noise(shape, { seeds, step: 0 })
  subject.take()
  model.kernels.free(await model.denoiser.velocity(latent, 1, conditioning))
  model.kernels.free(latent)
  return subject.take()
}

const prompts = new WeakMap<Subject, Conditioning>()

/** Read once per model: the denoiser alone is timed. */
async function prompt(subject: Subject): Promise<Conditioning> {
  const conditioning = prompts.get(subject) ?? (await longestPrompt(subject))
  prompts.set(subject, conditioning)
  return conditioning
}

export async function measureGrowth(subject: Subject, rounds: number, warmup: number): Promise<Growth> {
  const points = [
    ...growthSizes.map((size) => ({ size, batch: 1 })),
    ...growthBatches.filter((batch) => batch > 1).map((batch) => ({ size: BATCH_SIZE, batch })),
  ]
  const nameOf = ({ size, batch }: { size: number; batch: number }): string => `${size} × ${batch}`
  const tasks = Object.fromEntries(points.map((at) => [nameOf(at), () => denoiseOnce(subject, at.size, at.batch)]))
  const taken = await inTurn(tasks, rounds, warmup)
  const { tokens: textTokens } = await prompt(subject)
  const rows = points.map((at): GrowthRow => {
    const calls = taken[nameOf(at)] ?? []
    return {
      ...at,
      imageTokens: tokenCount(at.size, subject.manifest.denoiser.patch),
      textTokens,
      ms: spread(calls.map((runs) => msOf(runs, 'denoiser'))),
    }
  })
  const single = rows.filter(({ batch }) => batch === 1)
  return {
    rows,
    tokenExponent: fitExponent(single.map(({ imageTokens, textTokens, ms }) => [imageTokens + textTokens, ms.median])),
    batchExponent: fitExponent(
      rows.filter(({ size }) => size === BATCH_SIZE).map(({ batch, ms }) => [batch, ms.median]),
    ),
  }
}

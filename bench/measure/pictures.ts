/** Whole pictures: time by part, scale-wise against full scale, what lies outside ONNX Runtime, and what crosses to the CPU. */
import { tokenCount } from '../../src/schedule'
import type { ScaleSchedule } from '../../src/types'
import type { EngineFigures, PictureTimes, ScalePair } from '../results'
import { schedulePairs, sizesOf } from '../schedules'
import { inTurn, median, ratio, spread } from '../statistics'
import { msOf, type OrtRun } from './clock'
import type { Subject } from './subject'
import { watchTraffic } from './traffic'

interface Picture {
  readonly runs: readonly OrtRun[]
  /** Of the prompt, at each step. */
  readonly textTokens: number
  /** Wall clock of the whole request. */
  readonly total: number
}

let drawn = 0

/** A new prompt each time, so that the text encoder runs. */
async function draw(subject: Subject, schedule: ScaleSchedule): Promise<Picture> {
  const number = drawn++
  subject.take()
  const started = performance.now()
  const { stats } = await subject.pipeline.generate({ prompt: `a red apple ${number}`, seed: number, schedule })
  return { total: performance.now() - started, runs: subject.take(), textTokens: stats.textTokens }
}

/** Tokens and milliseconds of pictures of one schedule. */
function summarise(subject: Subject, schedule: ScaleSchedule, pictures: readonly Picture[]): PictureTimes {
  const { patch } = subject.manifest.denoiser
  return {
    sizes: sizesOf(schedule),
    imageTokens: schedule.reduce((sum, { size }) => sum + tokenCount(size, patch), 0),
    textTokens: schedule.length * (pictures[0]?.textTokens ?? 0),
    text: median(pictures.map(({ runs }) => msOf(runs, 'text'))),
    denoiser: median(denoiserMs(pictures)),
    decoder: median(pictures.map(({ runs }) => msOf(runs, 'decoder'))),
    total: median(pictures.map(({ total }) => total)),
  }
}

function denoiserMs(pictures: readonly Picture[]): number[] {
  return pictures.map(({ runs }) => msOf(runs, 'denoiser'))
}

/** Every pair of the model's schedules in turn. A full picture has more tokens: the bound is how many times more. */
export async function measureScales(subject: Subject, rounds: number, warmup: number): Promise<ScalePair[]> {
  const pairs = schedulePairs(subject.manifest.schedules)
  const tasks: Record<string, () => Promise<Picture>> = {}
  for (const { steps, scaleWise, fullScale } of pairs) {
    tasks[`scale-wise ${steps}`] = () => draw(subject, scaleWise)
    tasks[`full scale ${steps}`] = () => draw(subject, fullScale)
  }
  const taken = await inTurn(tasks, rounds, warmup)
  return pairs.map(({ steps, scaleWise, fullScale }) => {
    const [ours, theirs] = [taken[`scale-wise ${steps}`] ?? [], taken[`full scale ${steps}`] ?? []]
    const [small, large] = [summarise(subject, scaleWise, ours), summarise(subject, fullScale, theirs)]
    return {
      steps,
      scaleWise: small,
      fullScale: large,
      speedUp: ratio(denoiserMs(theirs), denoiserMs(ours)),
      totalSpeedUp: ratio(
        theirs.map(({ total }) => total),
        ours.map(({ total }) => total),
      ),
      imageBound: large.imageTokens / small.imageTokens,
      bound: (large.imageTokens + large.textTokens) / (small.imageTokens + small.textTokens),
    }
  })
}

/** Pictures of the model's default schedule. */
export async function measureEngine(subject: Subject, rounds: number, warmup: number): Promise<EngineFigures> {
  const { manifest, device } = subject
  const schedule = manifest.schedules[manifest.defaultSchedule] as ScaleSchedule
  const { picture } = await inTurn({ picture: () => draw(subject, schedule) }, rounds, warmup)
  const traffic = device && watchTraffic(device)
  const last = await draw(subject, schedule)
  const moved = traffic?.end() ?? { toGpu: 0, toCpu: 0, readbacks: 0 }
  const denoised = last.runs.filter(({ graph }) => graph === 'denoiser').map(({ dispatches }) => dispatches)
  const between = denoised.slice(1).map((count, i) => count - (denoised[i] as number))
  return {
    total: median(picture.map(({ total }) => total)),
    outside: spread(picture.map(({ runs, total }) => 1 - runs.reduce((sum, { ms }) => sum + ms, 0) / total)),
    decoder: spread(picture.map(({ runs, total }) => msOf(runs, 'decoder') / total)),
    dispatchesBetween: Math.max(0, ...between),
    ...moved,
  }
}

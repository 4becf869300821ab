import { EngineError, shown } from './errors'
import type { Manifest } from './manifest'
import { validateSchedule } from './schedule'
import { randomSeed } from './seed'
import type { GenerateRequest, PreviewMode, ScaleSchedule } from './types'

/** The part of a request that can be sent to a worker. */
export type RequestData = Omit<GenerateRequest, 'signal' | 'onScale' | 'onProgress'>

/** A request with nothing left open. */
export interface DrawingPlan {
  /** The prompt in its style. */
  readonly text: string
  /** One an image. */
  readonly seeds: readonly [bigint, ...bigint[]]
  readonly schedule: ScaleSchedule
  readonly preview: PreviewMode
}

const MAX_COUNT = 16
const PREVIEWS: readonly unknown[] = ['none', 'linear', 'decode'] satisfies PreviewMode[]

/**
 * Checks a request and fills in what it leaves out. `listened`: somebody wants to see the scales.
 * Throws `InvalidRequest`, `InvalidSeed`, `InvalidSchedule`, `UnknownSchedule` or `UnknownStyle`.
 */
export function planDrawing(request: RequestData, manifest: Manifest, listened: boolean): DrawingPlan {
  if (typeof request !== 'object' || request === null || typeof request.prompt !== 'string') {
    throw new EngineError('InvalidRequest', "A request needs a prompt. Give { prompt: 'some text' }; '' is allowed.")
  }
  const { preview = 'linear' } = request
  if (!PREVIEWS.includes(preview)) {
    throw new EngineError('InvalidRequest', `There is no preview ${shown(preview)}. Use 'none', 'linear' or 'decode'.`)
  }
  return {
    text: inStyle(request.prompt, request.style, manifest),
    seeds: planSeeds(request),
    schedule: planSchedule(request.schedule, manifest),
    preview: listened ? preview : 'none',
  }
}

function inStyle(prompt: string, id: string | undefined, manifest: Manifest): string {
  if (id === undefined) return prompt
  const style = manifest.styles.find((candidate) => candidate.id === id)
  if (!style) {
    throw new EngineError(
      'UnknownStyle',
      `There is no style ${shown(id)}. ${choose(manifest.styles.map((each) => each.id))}`,
    )
  }
  // Split, not replaced: '$&' in a prompt is only text. Without a prompt the template's leading comma goes as well.
  return style.template
    .split('{prompt}')
    .join(prompt)
    .replace(/^[\s,;]+/, '')
}

function planSchedule(wanted: GenerateRequest['schedule'], manifest: Manifest): ScaleSchedule {
  if (wanted !== undefined && typeof wanted !== 'string') return validateSchedule(wanted, manifest.denoiser.patch)
  const name = wanted ?? manifest.defaultSchedule
  // Own names only: 'constructor' is not a schedule.
  const schedule = Object.hasOwn(manifest.schedules, name) ? manifest.schedules[name] : undefined
  if (schedule) return schedule
  throw new EngineError(
    'UnknownSchedule',
    `There is no schedule ${shown(name)}. ${choose(Object.keys(manifest.schedules))}`,
  )
}

function planSeeds({ seed, seeds, count }: RequestData): [bigint, ...bigint[]] {
  if (seed !== undefined && seeds !== undefined) {
    throw new EngineError('InvalidRequest', "Both 'seed' and 'seeds' were given. Give one of them.")
  }
  if (seeds !== undefined && !Array.isArray(seeds)) {
    throw new EngineError('InvalidRequest', "'seeds' is not a list. Give one seed an image, as in [1, 2].")
  }
  const images = count ?? seeds?.length ?? 1
  if (!Number.isInteger(images) || images < 1 || images > MAX_COUNT) {
    throw new EngineError('InvalidRequest', `${shown(images)} images were asked for. Ask for 1 to ${MAX_COUNT}.`)
  }
  if (seeds && seeds.length !== images) {
    throw new EngineError('InvalidRequest', `${seeds.length} seeds for ${images} images. Give one seed an image.`)
  }
  const first = seeds ? 0n : seed === undefined ? randomSeed() : parseSeed(seed)
  const all = seeds
    ? Array.from(seeds, parseSeed)
    : Array.from({ length: images }, (_, i) => BigInt.asUintN(64, first + BigInt(i)))
  return all as [bigint, ...bigint[]]
}

function parseSeed(seed: unknown): bigint {
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return BigInt(seed)
  if (typeof seed === 'bigint' && BigInt.asUintN(64, seed) === seed) return seed
  throw new EngineError(
    'InvalidSeed',
    `${shown(seed)} is not a seed. Give a whole number from 0 to 2^53 − 1, or a bigint below 2^64.`,
  )
}

function choose(names: readonly string[]): string {
  return names.length > 0 ? `Choose from: ${names.join(', ')}.` : 'Leave it out.'
}

import { loadPart } from './load-part'
import type { Manifest } from './manifest'
import { Refused } from './refused'
import { validateSchedule } from './schedule'
import { randomSeed } from './seed'
import type { GenerateRequest, PreviewMode, ScaleSchedule } from './types'

/** The part of a request that can be sent to a worker. */
export type RequestData = Omit<GenerateRequest, 'signal' | 'onScale' | 'onProgress' | 'latest'>

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
 *
 * @throws EngineError 'InvalidRequest', 'InvalidSeed', 'InvalidSchedule', 'UnknownSchedule' or 'UnknownStyle'.
 */
export async function planDrawing(request: RequestData, manifest: Manifest, listened: boolean): Promise<DrawingPlan> {
  try {
    return plan(request, manifest, listened)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { requestError } = await loadPart('request-problems', import('./request-problems'))
    throw requestError(error)
  }
}

function plan(request: RequestData, manifest: Manifest, listened: boolean): DrawingPlan {
  if (typeof request !== 'object' || request === null || typeof request.prompt !== 'string')
    throw new Refused('noPrompt')
  const { preview = 'linear' } = request
  if (!PREVIEWS.includes(preview)) throw new Refused('noPreview', preview)
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
  if (!style) throw new Refused('noStyle', id, ...manifest.styles.map((each) => each.id))
  // Split, not replaced: '$&' in a prompt is only text. Without a prompt the template's leading comma goes as well.
  return style.template
    .split('{prompt}')
    .join(prompt)
    .replace(/^[\s,;]+/, '')
}

function planSchedule(wanted: GenerateRequest['schedule'], manifest: Manifest): ScaleSchedule {
  if (wanted !== undefined && typeof wanted !== 'string') return validateSchedule(wanted, manifest.denoiser)
  const name = wanted ?? manifest.defaultSchedule
  // Own names only: 'constructor' is not a schedule.
  const schedule = Object.hasOwn(manifest.schedules, name) ? manifest.schedules[name] : undefined
  if (schedule) return schedule
  throw new Refused('noSchedule', name, ...Object.keys(manifest.schedules))
}

function planSeeds({ seed, seeds, count }: RequestData): [bigint, ...bigint[]] {
  if (seed !== undefined && seeds !== undefined) throw new Refused('twoSeeds')
  if (seeds !== undefined && !Array.isArray(seeds)) throw new Refused('noSeeds')
  const images = count ?? seeds?.length ?? 1
  if (!Number.isInteger(images) || images < 1 || images > MAX_COUNT) throw new Refused('wrongCount', images, MAX_COUNT)
  if (seeds && seeds.length !== images) throw new Refused('seedsForImages', seeds.length, images)
  const first = seeds ? 0n : seed === undefined ? randomSeed() : parseSeed(seed)
  const all = seeds
    ? Array.from(seeds, parseSeed)
    : Array.from({ length: images }, (_, i) => BigInt.asUintN(64, first + BigInt(i)))
  return all as [bigint, ...bigint[]]
}

function parseSeed(seed: unknown): bigint {
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return BigInt(seed)
  // Twenty digits hold any of 64 bits.
  const whole = typeof seed === 'string' && /^\d{1,20}$/.test(seed) ? BigInt(seed) : seed
  if (typeof whole === 'bigint' && BigInt.asUintN(64, whole) === whole) return whole
  throw new Refused('noSeed', seed)
}

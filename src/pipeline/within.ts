/** Loaded where a budget is asked for. */
import { EngineError, shown } from '../errors'
import type { RequestData } from '../request'
import type { GenerateResult, LatentSize, ScaleSchedule, ScheduleBudget } from '../types'
import { area, Costs } from './costs'
import { fullSize, ladder, ladderName } from './ladder'

interface Model {
  readonly schedules: Readonly<Record<string, ScaleSchedule>>
  readonly defaultSchedule: string
  readonly quality: Readonly<Record<string, number>>
  readonly spectrum: Readonly<Record<string, number>>
  readonly denoiser: { readonly patch: number }
}

/** What draws a request and tells a listener, if there is one. */
interface Draws<Listener> {
  generate(request: RequestData, listener?: Listener): Promise<GenerateResult>
}

interface Candidate {
  readonly name: string
  readonly schedule: ScaleSchedule
  /** Image tokens over all steps. */
  readonly tokens: number
  /** Higher is better. */
  readonly quality: number
}

/** Of one step is a blur (Inception KID 0.84, of two 0.37: docs/RESULTS.md); of more than six nobody evaluates. */
const LADDER_STEPS = [2, 3, 4, 5, 6]

/** What was measured of each loaded model, as long as it is loaded. */
const measured = new WeakMap<Model, Costs>()

/**
 * Draws with the best schedule that keeps a budget: of the model's own, and of those that the spectrum in its manifest
 * makes and an evaluation measured. The best by the evaluation's figures in the manifest, and where there are none by the
 * number of tokens. If none keeps it, with the cheapest, and says so.
 *
 * Time is predicted from what this machine took for earlier pictures; before the first one it draws three of a single step.
 *
 * @throws EngineError 'InvalidSchedule' for what is no budget; whatever drawing throws.
 */
export async function drawWithin<Listener>(
  pipeline: Draws<Listener>,
  model: Model,
  request: RequestData,
  listener: Listener,
): Promise<GenerateResult> {
  const { withinMs, withinTokens } = parseBudget(request.schedule)
  const images = request.seeds?.length ?? request.count ?? 1
  const candidates = candidatesOf(model)
  const costs = measured.get(model) ?? new Costs(model.denoiser.patch)
  if (withinMs !== undefined && !measured.has(model)) await probe(costs, candidates, request, pipeline)
  measured.set(model, costs)

  const text = `${request.style}: ${request.prompt}`
  const known = candidates.map((candidate) => ({
    ...candidate,
    ms: costs.knows ? costs.predict(candidate.schedule, images, text) : undefined,
  }))
  const fitting = known.filter(
    ({ tokens, ms }) => tokens <= (withinTokens ?? tokens) && (withinMs === undefined || (ms ?? 0) <= withinMs),
  )
  const [best] = fitting.sort((one, other) => other.quality - one.quality || one.tokens - other.tokens)
  const chosen = best ?? (known.sort((one, other) => one.tokens - other.tokens)[0] as (typeof known)[number])
  const limit = withinMs === undefined ? `${withinTokens} tokens` : `${withinMs} ms`
  const reason = best
    ? `The best of ${fitting.length} schedules that keep to ${limit}.`
    : `No schedule keeps to ${limit}; this is the cheapest.`
  const result = await pipeline.generate({ ...request, schedule: chosen.schedule }, listener)
  costs.observe(result, text)
  const predicted = chosen.ms === undefined ? {} : { predictedMs: chosen.ms }
  return { ...result, budget: { schedule: chosen.name, tokens: chosen.tokens, kept: !!best, reason, ...predicted } }
}

function parseBudget(value: unknown): ScheduleBudget {
  const { withinMs, withinTokens } = Object(value) as ScheduleBudget
  const given = [withinMs, withinTokens].filter((limit) => limit !== undefined)
  if (given.length === 1 && given.every((limit) => typeof limit === 'number' && limit > 0)) {
    return withinMs === undefined ? { withinTokens } : { withinMs }
  }
  throw new EngineError(
    'InvalidSchedule',
    `${shown(value)} is no schedule. Give a name, a list of steps, { withinMs: 200 } or { withinTokens: 100 }.`,
  )
}

function candidatesOf(model: Model): Candidate[] {
  const { schedules, denoiser, quality } = model
  return Object.entries({ ...laddersOf(model), ...schedules }).map(([name, schedule]) => {
    const tokens = schedule.reduce((sum, { size }) => sum + area(size) / denoiser.patch ** 2, 0)
    // A schedule that nobody evaluated is behind those that somebody did.
    const figure = Object.hasOwn(quality, name) ? quality[name] : undefined
    return { name, schedule, tokens, quality: figure ?? (Object.keys(quality).length > 0 ? -Infinity : tokens) }
  })
}

function laddersOf({ schedules, defaultSchedule, quality, spectrum }: Model): Record<string, ScaleSchedule> {
  const full = fullSize(schedules[defaultSchedule] as ScaleSchedule)
  if (full === undefined) return {}
  const evaluated = LADDER_STEPS.filter((steps) => Object.hasOwn(quality, ladderName(steps)))
  return Object.fromEntries(evaluated.map((steps) => [ladderName(steps), ladder(steps, spectrum, full)]))
}

/** The first run of a size is slower than later ones: it is drawn twice. */
async function probe(
  costs: Costs,
  candidates: readonly Candidate[],
  { prompt, style }: RequestData,
  pipeline: Draws<never>,
): Promise<void> {
  const sizes = candidates.flatMap(({ schedule }) => schedule.map(({ size }) => size)).sort((a, b) => area(a) - area(b))
  const [small, large] = [sizes[0] as LatentSize, sizes.at(-1) as LatentSize]
  for (const [i, size] of [small, small, large].entries()) {
    const result = await pipeline.generate({
      prompt,
      ...(style && { style }),
      seed: 0,
      schedule: [{ size, sigma: 1 }],
      preview: 'none',
    })
    costs.observe(result, `${style}: ${prompt}`, i === 0)
  }
}

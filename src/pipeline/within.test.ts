import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { findModel, loadModel } from '../cli/model'
import { Pipeline } from '../pipeline'
import type { RequestData } from '../request'
import { tokenCount } from '../schedule'
import type { GenerateResult, ScaleSchedule } from '../types'
import { Costs } from './costs'
import { drawWithin } from './within'

const step = (size: number, sigma: number) => ({ size, sigma })
const schedules: Record<string, ScaleSchedule> = {
  quick: [step(8, 1), step(16, 0.7)],
  default: [step(8, 1), step(12, 0.9), step(16, 0.7)],
  full: [step(16, 1), step(16, 0.9), step(16, 0.7)],
}
/** Image tokens: 80, 116, 192. */
const model = {
  schedules,
  defaultSchedule: 'default',
  denoiser: { patch: 2 },
  quality: { quick: 0.7, default: 0.9, full: 0.8 },
  spectrum: {},
}

/** A machine that takes 5 ms a step, 0.5 ms a token of twelve more, 0.1 ms a decoded cell, and 8 ms to read. */
function machine(slow = 1) {
  const drawn: RequestData[] = []
  const read = new Set<string>()
  async function generate(request: RequestData): Promise<GenerateResult> {
    drawn.push(request)
    const schedule = request.schedule as ScaleSchedule
    const images = Array.from({ length: request.count ?? 1 })
    const text = read.has(request.prompt) ? 0 : 8
    read.add(request.prompt)
    const scales = schedule.map(({ size }) => slow * (5 + 0.5 * (tokenCount(size, 2) + 12) * images.length))
    const last = schedule.at(-1)?.size as number
    const decode = slow * 0.1 * last ** 2 * images.length
    const total = text + decode + scales.reduce((sum, ms) => sum + ms, 0)
    return { schedule, images, timings: { text, scales, decode, total }, stats: { textTokens: 12 } } as never
  }
  return { generate, drawn }
}

const ask = (pipeline: ReturnType<typeof machine>, of: object, schedule: unknown, more: object = {}) =>
  drawWithin(pipeline, of as typeof model, { prompt: 'a cat', schedule, ...more } as RequestData, undefined)

describe('a budget of time', () => {
  it('takes the best schedule that this machine draws in time, and predicts what it takes', async () => {
    const pipeline = machine()
    // Of the manifest that was loaded, by identity: here each test has its own.
    const own = { ...model }
    const first = await ask(pipeline, own, { withinMs: 1000 })
    expect(first.budget).toMatchObject({ schedule: 'default', tokens: 116, kept: true })
    expect(first.budget?.predictedMs).toBeCloseTo(first.timings.total, 5)
    expect(pipeline.drawn).toHaveLength(4) // Three of them of one step, to measure.

    const less = await ask(pipeline, own, { withinMs: 90 })
    expect(less.budget).toMatchObject({ schedule: 'quick', kept: true })
    const none = await ask(pipeline, own, { withinMs: 1 })
    expect(none.budget).toMatchObject({ schedule: 'quick', kept: false, reason: expect.stringContaining('cheapest') })
    expect(pipeline.drawn).toHaveLength(6)
  })

  it('predicts a new prompt with its reading, several pictures as a batch, and sizes that it has not seen', async () => {
    const pipeline = machine()
    const own = { ...model }
    await ask(pipeline, own, { withinMs: 1000 })
    for (const more of [{ prompt: 'a dog' }, { count: 4 }, { prompt: 'a fox', count: 2 }]) {
      const { budget, timings } = await ask(pipeline, own, { withinMs: 1000 }, more)
      expect(budget?.predictedMs).toBeCloseTo(timings.total, 5)
    }
  })

  it('learns that the machine became slower', async () => {
    const own = { ...model }
    await ask(machine(), own, { withinMs: 100 })
    const slow = machine(4)
    let last = ''
    for (let i = 0; i < 4; i++) last = (await ask(slow, own, { withinMs: 300 })).budget?.schedule ?? ''
    expect(last).toBe('quick')
  })
})

describe('a budget of tokens', () => {
  it.each([
    [192, 'default', true],
    [100, 'quick', true],
    [16, 'quick', false],
  ])('%i: %s', async (withinTokens, schedule, kept) => {
    const pipeline = machine()
    const { budget } = await ask(pipeline, { ...model }, { withinTokens })
    expect(budget).toMatchObject({ schedule, kept })
    expect(pipeline.drawn).toHaveLength(1)
  })

  it('takes ladders that the spectrum makes, where an evaluation measured them', async () => {
    const spectrum = { 8: 0.45, 12: 0.43 }
    const found = async (quality: Record<string, number>, withinTokens: number) => {
      const { budget, schedule } = await ask(machine(), { ...model, spectrum, quality }, { withinTokens })
      return { name: budget?.schedule, tokens: budget?.tokens, schedule }
    }
    const quality = { ...model.quality, '3 by rule': 0.95 }
    const three = [step(8, 1), step(16, 0.857), step(16, 0.6)]
    expect(await found(quality, 150)).toEqual({ name: '3 by rule', tokens: 144, schedule: three })
    expect(await found(quality, 143)).toMatchObject({ name: 'default' })
    expect(await found({ ...quality, '1 by rule': 1 }, 79)).toMatchObject({ name: 'quick' })
    // Nobody has measured them.
    expect(await found(model.quality, 150)).toMatchObject({ name: 'default' })
    expect(await found({}, 150)).toMatchObject({ name: 'default' })
  })

  it('takes the most tokens where nobody has evaluated the schedules', async () => {
    expect((await ask(machine(), { ...model, quality: {} }, { withinTokens: 500 })).budget?.schedule).toBe('full')
  })
})

it.each([[{}], [{ withinMs: 0 }], [{ withinMs: '200' }], [{ withinMs: 1, withinTokens: 1 }], [5]])(
  '%j is no budget',
  async (schedule) => {
    await expect(ask(machine(), { ...model }, schedule)).rejects.toMatchObject({
      name: 'InvalidSchedule',
      message: expect.stringContaining('withinMs'),
    })
  },
)

it('draws a line through what was measured, through the origin where it is one point', () => {
  const costs = new Costs(2)
  expect(costs.knows).toBe(false)
  const timings = { text: 3, scales: [10], decode: 4 }
  costs.observe({ schedule: [step(8, 1)], images: [0], timings, stats: { textTokens: 4 } } as never, 'a')
  // 10 ms for 20 tokens, so 30 for 60 + 4 of text; the decoder four times the cells.
  expect(costs.predict([step(16, 1)], 1, 'a')).toBeCloseTo((10 / 20) * 68 + 16, 5)
  expect(costs.predict([step(8, 1)], 1, 'b')).toBeCloseTo(3 + 10 + 4, 5)
})

describe('through the pipeline', () => {
  let pipeline: Pipeline<never>
  beforeAll(async () => {
    const folder = fileURLToPath(new URL('../../models/tiny', import.meta.url))
    pipeline = new Pipeline(await loadModel(await findModel(folder))) as unknown as Pipeline<never>
  })

  it('the picture of a budget is that of its schedule; the listener hears of it alone', async () => {
    let scales = 0
    const onScale = () => scales++
    const request = { prompt: 'a red apple', seed: 7 }
    const { image, budget, schedule } = await pipeline.generate(
      { ...request, schedule: { withinTokens: 100 } },
      { onScale },
    )
    expect(budget?.schedule).toBe('quick')
    expect(scales).toBe(schedule.length)
    const same = await pipeline.generate({ ...request, schedule: 'quick' })
    expect(image.data).toEqual(same.image.data)
    expect(same.budget).toBeUndefined()
    const timed = await pipeline.generate({ ...request, schedule: { withinMs: 60_000 } })
    expect(timed.budget).toMatchObject({ kept: true, predictedMs: expect.any(Number) })
    expect(timed.stats.live).toBe(0)
  })
})

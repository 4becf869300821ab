import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { findModel, loadModel } from './cli/model'
import type { CpuLatent } from './kernels/cpu'
import { type Model, Pipeline } from './pipeline'
import type { EngineProgress, GenerateResult, ScaleEvent } from './types'

let model: Model<CpuLatent>
let pipeline: Pipeline<CpuLatent>

beforeAll(async () => {
  model = await loadModel(await findModel(fileURLToPath(new URL('../models/tiny', import.meta.url))))
  pipeline = new Pipeline(model)
})

const schedule = [
  { size: 4, sigma: 1 },
  { size: 6, sigma: 0.8 },
  { size: [8, 10], sigma: 0.5 },
] as const

const request = { prompt: 'a red apple', seed: 7, schedule }

function pixels(result: GenerateResult, image = 0): number[] {
  return [...(result.images[image]?.data ?? [])]
}

describe('Pipeline', () => {
  it('draws the last size of the schedule, and the same seed the same picture', async () => {
    const first = await pipeline.generate(request)
    expect(first.image).toMatchObject({ width: 80, height: 64 })
    expect(first.image.data).toHaveLength(80 * 64 * 4)
    expect(first.seed).toBe(7n)
    expect(first.backend.name).toBe('wasm')
    expect(pixels(await pipeline.generate(request))).toEqual(pixels(first))
    expect(pixels(await new Pipeline(model).generate(request))).toEqual(pixels(first))
    expect(pixels(await pipeline.generate({ ...request, seed: 8 }))).not.toEqual(pixels(first))
    expect(pixels(await pipeline.generate({ ...request, prompt: 'a green tree' }))).not.toEqual(pixels(first))
  })

  it('draws a seed alike in every batch slot', async () => {
    const alone = pixels(await pipeline.generate(request))
    const batch = await pipeline.generate({ prompt: request.prompt, schedule, seeds: [3, 9, 7] })
    expect(batch.seeds).toEqual([3n, 9n, 7n])
    const difference = pixels(batch, 2).map((value, i) => Math.abs(value - (alone[i] as number)))
    // ORT may sum a larger batch in another order: at most one step of 255 apart.
    expect(Math.max(...difference)).toBeLessThanOrEqual(1)
  })

  it('measures itself', async () => {
    const { timings, stats, schedule: used } = await pipeline.generate(request, { queued: 5 })
    expect(used).toEqual(schedule)
    expect(timings.scales).toHaveLength(3)
    expect(timings.scales.every((ms) => ms > 0)).toBe(true)
    expect(timings.queued).toBe(5)
    const parts = timings.queued + timings.text + timings.decode + timings.scales.reduce((sum, ms) => sum + ms, 0)
    expect(timings.total).toBeGreaterThanOrEqual(parts)
    expect(stats).toEqual({ readbacks: 0, dispatches: 0, live: 0, textTokens: 8 })
  })

  it('tells of every scale, with previews of one pixel a cell', async () => {
    const events: ScaleEvent[] = []
    const stages: string[] = []
    const onProgress = ({ stage }: EngineProgress) => void stages.push(stage)
    await pipeline.generate({ ...request, count: 2 }, { onScale: (event) => events.push(event), onProgress })
    expect(events.map(({ index, count, size, sigma }) => [index, count, ...size, sigma])).toEqual([
      [0, 3, 4, 4, 1],
      [1, 3, 6, 6, 0.8],
      [2, 3, 8, 10, 0.5],
    ])
    for (const { size, previews } of events) {
      expect(previews.map(({ height, width }) => [height, width])).toEqual([size, size])
    }
    expect(stages).toEqual(['text', 'denoise', 'decode'])
  })

  it('decodes previews when asked, the last of which is the picture', async () => {
    const events: ScaleEvent[] = []
    const result = await pipeline.generate(
      { ...request, preview: 'decode' },
      { onScale: (event) => events.push(event) },
    )
    expect(events.map(({ previews }) => previews[0]?.width)).toEqual([32, 48, 80])
    expect(pixels(result)).toEqual(pixels(await pipeline.generate(request)))
    expect([...(events.at(-1)?.previews[0]?.data ?? [])]).toEqual(pixels(result))
    expect(result.stats.live).toBe(0)
  })

  it('draws without a prompt, and says when a prompt was cut', async () => {
    expect((await pipeline.generate({ ...request, prompt: '' })).warnings).toEqual([])
    const messages: string[] = []
    const { warnings } = await pipeline.generate(
      { ...request, prompt: 'one '.repeat(40) },
      { onProgress: (event) => event.stage === 'warning' && messages.push(event.message) },
    )
    expect(warnings).toEqual([expect.stringContaining('42 tokens and the model reads 24')])
    expect(messages).toEqual(warnings)
  })

  it('reads a prompt once for many seeds', async () => {
    let encoded = 0
    const promptEncoder = {
      encode(prompt: string) {
        encoded++
        return model.promptEncoder.encode(prompt)
      },
    }
    const counting = new Pipeline({ ...model, promptEncoder })
    for (const prompt of ['a cat', 'a cat', 'a dog']) await counting.generate({ ...request, prompt })
    expect(encoded).toBe(2)
  })

  it.each([0, 1, 2])('stops after scale %i when its signal fires, and is usable afterwards', async (last) => {
    const controller = new AbortController()
    const seen: number[] = []
    const onScale = ({ index }: ScaleEvent) => {
      seen.push(index)
      if (index === last) controller.abort('enough')
    }
    const failure = pipeline.generate(request, { signal: controller.signal, onScale })
    await expect(failure).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    expect(seen).toEqual([0, 1, 2].slice(0, last + 1))
    expect(model.kernels.live).toBe(0)
    expect((await pipeline.generate(request)).stats.live).toBe(0)
  })

  it('sees a signal that fires from a message, not from a callback', async () => {
    const controller = new AbortController()
    const steps = Array.from({ length: 12 }, (_, i) => ({ size: 4, sigma: 1 - i / 16 })) as never
    setTimeout(() => controller.abort())
    await expect(
      pipeline.generate({ ...request, schedule: steps }, { signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' })
    expect(model.kernels.live).toBe(0)
  })

  it('frees everything when a part fails', async () => {
    const broken = () => Promise.reject(new Error('broken'))
    let calls = 0
    const failing: Model<CpuLatent>[] = [
      { ...model, decoder: { decode: broken } },
      { ...model, promptEncoder: { encode: broken } },
      {
        ...model,
        denoiser: { velocity: (...words) => (calls++ === 1 ? broken() : model.denoiser.velocity(...words)) },
      },
    ]
    for (const each of failing) {
      await expect(new Pipeline(each).generate(request)).rejects.toThrow('broken')
      expect(model.kernels.live).toBe(0)
    }
    const throwing = pipeline.generate(request, {
      onScale() {
        throw new Error('broken')
      },
    })
    await expect(throwing).rejects.toThrow('broken')
    expect(model.kernels.live).toBe(0)
  })

  it('refuses a bad request before any work', async () => {
    const failure = pipeline.generate({ ...request, schedule: 'missing' }, { onProgress: () => expect.unreachable() })
    await expect(failure).rejects.toMatchObject({ name: 'UnknownSchedule' })
  })
})

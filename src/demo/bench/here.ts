import { growthBatches, growthSizes, schedulePairs } from '../../../bench/schedules'
import { fitExponent, inTurn, median, ratio, type Spread, spread } from '../../../bench/statistics'
import {
  type BackendName,
  type BackendReport,
  createEngine,
  type GenerateResult,
  type ScaleSchedule,
} from '../../index'

/** Ratios of one run in this browser, through the engine's public face. */
export interface Here {
  readonly backend: BackendReport
  readonly pairs: readonly { readonly steps: number; readonly speedUp: Spread; readonly bound: number }[]
  /** One denoiser call at a time. */
  readonly growth: readonly { readonly tokens: number; readonly ms: Spread }[]
  readonly tokenExponent: number
  readonly batchExponent: number
  /** Part of a picture's time, 0 to 1. */
  readonly decoder: number
  readonly readbacks: number
  readonly seconds: number
}

const ROUNDS = 5
const WARMUP = 2
const BATCH_SIZE = 16

/**
 * `onProgress` is called with how much is done, 0 to 1.
 *
 * @throws EngineError as `createEngine` and `generate` do, and 'AbortError'.
 */
export async function measureHere(
  model: URL,
  backend: string,
  signal: AbortSignal,
  onProgress: (part: number) => void,
): Promise<Here> {
  const engine = await createEngine({ model, backend: backend as 'auto' | BackendName, signal })
  try {
    const started = performance.now()
    const { patch, maxTokens, schedules } = engine.model
    const pairs = schedulePairs(schedules)
    const tokens = (schedule: ScaleSchedule, textTokens: number): number =>
      schedule.reduce((sum, { size }) => sum + (Number(size) / patch) ** 2 + textTokens, 0)
    // Cut to as many tokens as the committed run's denoiser calls read.
    const longest = 'apple '.repeat(maxTokens)

    const plans = new Map<string, { schedule: ScaleSchedule; count?: number; prompt?: string }>()
    for (const { steps, scaleWise, fullScale } of pairs) {
      plans.set(`scale-wise ${steps}`, { schedule: scaleWise })
      plans.set(`full scale ${steps}`, { schedule: fullScale })
    }
    for (const size of growthSizes) plans.set(`size ${size}`, { schedule: [{ size, sigma: 1 }], prompt: longest })
    for (const count of growthBatches)
      plans.set(`batch ${count}`, { schedule: [{ size: BATCH_SIZE, sigma: 1 }], count })

    let drawn = 0
    const tasks = Object.fromEntries(
      [...plans].map(([name, plan]) => [
        name,
        async (): Promise<GenerateResult> => {
          onProgress(drawn / (plans.size * (ROUNDS + WARMUP)))
          return engine.generate({ prompt: `a red apple ${drawn++}`, seed: drawn, signal, ...plan })
        },
      ]),
    )
    const taken = await inTurn(tasks, ROUNDS, WARMUP)
    const denoiser = (name: string): number[] =>
      (taken[name] ?? []).map(({ timings }) => timings.scales.reduce((sum, ms) => sum + ms, 0))
    const pictures = taken['scale-wise 4'] ?? []
    const textTokens = pictures[0]?.stats.textTokens ?? 0
    const growth = growthSizes.map((size) => ({
      tokens: tokens([{ size, sigma: 1 }], maxTokens),
      ms: spread(denoiser(`size ${size}`)),
    }))
    return {
      growth,
      backend: engine.backend,
      pairs: pairs.map(({ steps, scaleWise, fullScale }) => ({
        steps,
        speedUp: ratio(denoiser(`full scale ${steps}`), denoiser(`scale-wise ${steps}`)),
        bound: tokens(fullScale, textTokens) / tokens(scaleWise, textTokens),
      })),
      tokenExponent: fitExponent(growth.map(({ tokens, ms }) => [tokens, ms.median])),
      batchExponent: fitExponent(growthBatches.map((count) => [count, median(denoiser(`batch ${count}`))])),
      decoder: median(pictures.map(({ timings }) => timings.decode / timings.total)),
      readbacks: Math.max(...pictures.map(({ stats }) => stats.readbacks)),
      seconds: (performance.now() - started) / 1000,
    }
  } finally {
    await engine.dispose()
  }
}

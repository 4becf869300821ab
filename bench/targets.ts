/** What the project asks of itself, and what was reached: one row a target and a place where it was measured. */
import type { Platform, Results } from './results'

export interface Target {
  readonly id: string
  readonly figure: string
  readonly atLeast?: number
  readonly atMost?: number
  readonly unit?: '%' | 'bytes' | 'megabytes'
  /** Undefined where it was not measured, or means nothing. */
  read(platform: Platform): number | undefined
}

export interface Reached {
  readonly id: string
  readonly figure: string
  /** Of `Results.platforms`, or `any` for what does not depend on one. */
  readonly platform: string
  readonly target: string
  readonly reached: string
  readonly value: number
  readonly met: boolean
  /** How near, 0 to 1: 1 where the target is met. */
  readonly part: number
}

const STEPS = 4

const targets: readonly Target[] = [
  {
    id: 'speed-up',
    figure: 'scale-wise speed-up / bound of all tokens, image and text',
    atLeast: 0.9,
    read: timed((platform) => overBound(platform, 'bound')),
  },
  {
    id: 'speed-up-image',
    figure: 'scale-wise speed-up / bound of image tokens alone',
    atLeast: 0.9,
    read: timed((platform) => overBound(platform, 'imageBound')),
  },
  {
    id: 'outside',
    figure: 'time outside ONNX Runtime / total',
    atMost: 0.03,
    unit: '%',
    read: timed(({ engine }) => engine?.outside.median),
  },
  // On WASM there is no GPU to read back from, nor to dispatch to.
  { id: 'readbacks', figure: 'readbacks a picture', atMost: 1, read: gpuOnly((engine) => engine.readbacks) },
  {
    id: 'dispatches',
    figure: 'dispatches of ours between two denoiser calls',
    atMost: 1,
    read: gpuOnly((engine) => engine.dispatchesBetween),
  },
  {
    id: 'torch',
    figure: 'WASM denoiser / PyTorch on the CPU, 1 thread each',
    atMost: 1.2,
    read: ({ torch }) => torch?.rows.find(({ graph }) => graph.startsWith('denoiser, 16'))?.ratio.median,
  },
  {
    id: 'decoder',
    figure: 'decoder / total',
    atMost: 0.25,
    unit: '%',
    read: timed(({ engine }) => engine?.decoder.median),
  },
  {
    id: 'start',
    figure: 'warm start to first preview / bare ORT create + first run',
    atMost: 1.1,
    read: ({ start }) => start?.warmOverBare.median,
  },
  {
    id: 'ready',
    figure: 'warm start to ready / fetching and sessions with the build of ONNX Runtime that the engine began with',
    atMost: 0.55,
    read: ({ start }) => start?.readyOverBefore?.median,
  },
  {
    id: 'first-bytes',
    figure: 'bytes until the first picture, gzipped',
    atMost: 30e6,
    unit: 'megabytes',
    read: ({ start }) => start?.firstBytes,
  },
  {
    id: 'memory',
    figure: "memory of the page's process, at most",
    atMost: 350e6,
    unit: 'megabytes',
    read: ({ start }) => start?.peakMemory,
  },
  {
    id: 'isolated',
    figure: 'default picture, isolated page / one thread in float32',
    atMost: 0.45,
    read: ({ fast }) => fast?.bothOver.median,
  },
  {
    id: 'alone',
    figure: 'default picture, page not isolated / one thread in float32',
    atMost: 0.7,
    read: ({ fast }) => fast?.int8Over.median,
  },
  {
    id: 'budget',
    figure: 'predicted against real time under a budget, median error',
    atMost: 0.15,
    unit: '%',
    read: ({ fast }) => fast?.budgetError.median,
  },
  {
    id: 'flops',
    figure: 'GPU denoiser FLOP/s / ORT matmul FLOP/s',
    atLeast: 0.5,
    read: timed(({ adapter, matmul }) =>
      adapter && matmul && matmul.rows.length > 0
        ? Math.max(...matmul.rows.map(({ perSecond }) => perSecond)) / matmul.matmul
        : undefined,
    ),
  },
]

const LIBRARY = {
  id: 'library',
  figure: 'core library, minified and gzipped, without ORT',
  atMost: 21_000,
  unit: 'bytes',
} as const

export function reachedTargets({ platforms, library }: Results): Reached[] {
  const rows = targets.flatMap((target) =>
    Object.entries(platforms).flatMap(([name, platform]) => {
      const value = target.read(platform)
      return value === undefined ? [] : [judge(target, name, value)]
    }),
  )
  return library ? [...rows, judge(LIBRARY, 'any', library.bytes)] : rows
}

function judge(target: Omit<Target, 'read'>, platform: string, value: number): Reached {
  const { id, figure, atLeast, atMost, unit } = target
  const part = atLeast === undefined ? (atMost ?? 0) / value : value / atLeast
  return {
    ...{ id, figure, platform, value },
    target: atLeast === undefined ? `≤ ${format(atMost ?? 0, unit)}` : `≥ ${format(atLeast, unit)}`,
    reached: format(value, unit),
    met: value >= (atLeast ?? value) && value <= (atMost ?? value),
    part: Math.min(1, part),
  }
}

function format(value: number, unit?: Target['unit']): string {
  if (unit === '%') return `${Number((100 * value).toPrecision(2))}%`
  if (unit === 'megabytes') return `${(value / 1e6).toFixed(1)} MB`
  if (unit === 'bytes') return `${(value / 1000).toFixed(1)} kB`
  return Number.isInteger(value) ? `${value}` : `${Number(value.toFixed(2))}`
}

function overBound({ scales }: Platform, bound: 'bound' | 'imageBound'): number | undefined {
  const pair = scales?.pairs.find(({ steps }) => steps === STEPS)
  return pair && pair.speedUp.median / pair[bound]
}

/** A software adapter's times say nothing of a GPU. */
function timed(read: Target['read']): Target['read'] {
  return (platform) => (platform.adapter?.software ? undefined : read(platform))
}

function gpuOnly(read: (engine: NonNullable<Platform['engine']>) => number): Target['read'] {
  return ({ adapter, engine }) => (adapter && engine ? read(engine) : undefined)
}

/** What can happen, and random rows of it. A row is data, so that a failing one can be cut down and run again. */

export const TABS = 3
/** Folders of the server: `twin` shares most files with `tiny`, `claim` names tiny's hashes with other sizes. */
export const MODELS = ['tiny', 'twin', 'claim'] as const
export type ModelName = (typeof MODELS)[number]

export type Step =
  | { readonly do: 'load'; readonly tab: number; readonly model: ModelName }
  | { readonly do: 'draw'; readonly tab: number }
  | { readonly do: 'abort' | 'kill'; readonly tab: number }
  | { readonly do: 'fault'; readonly path: string; readonly fault: FaultName; readonly at: number }
  | { readonly do: 'delete'; readonly tab: number; readonly model: ModelName }
  /** Bytes; 0 takes the limit back. */
  | { readonly do: 'quota'; readonly bytes: number }
  | { readonly do: 'clear'; readonly tab: number }
  | { readonly do: 'deploy' }
  | { readonly do: 'wait'; readonly ms: number }

export const FAULTS = ['cut', 'hold', 'status', 'corrupt', 'html', 'refuse'] as const
export type FaultName = (typeof FAULTS)[number]

const PATHS = ['text-encoder.onnx', 'denoiser.onnx', 'decoder.onnx', 'tokenizer.json', 'manifest.json']

/** Mulberry32: the same row for the same seed, everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function randomSteps(seed: number): Step[] {
  const random = randomOf(seed)
  const below = (count: number) => Math.floor(random() * count)
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T
  /** How often each comes: loads are what everything else is done to. */
  const kinds: readonly [Step['do'], number][] = [
    ['load', 30],
    ['wait', 12],
    ['fault', 14],
    ['abort', 8],
    ['kill', 6],
    ['delete', 6],
    ['draw', 3],
    ['quota', 4],
    ['deploy', 3],
    ['clear', 2],
  ]
  const bag = kinds.flatMap(([kind, count]) => Array.from({ length: count }, () => kind))
  return Array.from({ length: 6 + below(14) }, (): Step => {
    const tab = below(TABS)
    const kind = one(bag)
    switch (kind) {
      case 'load':
      case 'delete':
        return { do: kind, tab, model: one(MODELS) }
      case 'fault':
        return { do: kind, path: `/${one(MODELS)}/${one(PATHS)}`, fault: one(FAULTS), at: below(400_000) }
      case 'quota':
        return { do: kind, bytes: one([0, 300_000, 900_000, 1_500_000]) }
      case 'wait':
        return { do: kind, ms: below(400) }
      case 'deploy':
        return { do: kind }
      default:
        return { do: kind, tab }
    }
  })
}

/** The smallest row that still fails: leaves out as much as it can, halves first. `fails` runs a row. */
export async function shrink(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
): Promise<Step[]> {
  let small = [...steps]
  for (let size = Math.ceil(small.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < small.length; ) {
      const without = small.toSpliced(at, size)
      if (without.length > 0 && (await fails(without))) small = without
      else at += size
    }
  }
  return small
}

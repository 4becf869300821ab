/** Part 3: the three graphs on ORT's WASM against PyTorch, on the same processor with one thread each. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Page } from '@playwright/test'
import { call } from '../browser'
import type { GraphName } from '../measure/clock'
import type { GraphComparison, TorchFigures } from '../results'
import { inTurn, median, ratio } from '../statistics'

const PYTHON = process.env.PYTHON ?? '.venv/bin/python'

/** Vectors of 128 bits and no fused multiply-add, as WASM has: for ATen's own code, oneDNN and MKL. */
const NARROW = { ATEN_CPU_CAPABILITY: 'default', DNNL_MAX_CPU_ISA: 'SSE41', MKL_CBWR: 'COMPATIBLE' }

/** Tokens for the text encoder, latent cells a side for the others; the product says what the processor could do. */
const CASES: readonly { readonly graph: GraphName | 'matmul'; readonly size: number }[] = [
  { graph: 'text', size: 24 },
  { graph: 'denoiser', size: 8 },
  { graph: 'denoiser', size: 12 },
  { graph: 'denoiser', size: 16 },
  { graph: 'decoder', size: 16 },
  { graph: 'matmul', size: 512 },
]

function nameOf({ graph, size }: (typeof CASES)[number]): string {
  if (graph === 'text') return `text encoder, ${size} tokens`
  if (graph === 'matmul') return `one matrix product, ${size} × ${size}`
  return `${graph}, ${size} × ${size} cells`
}

export interface Torch {
  readonly version: string
  /** Milliseconds of one call. */
  run(graph: string, size: number): Promise<number>
  close(): void
}

/** Starts `training/evaluate/bench.py`. Undefined where there is no Python with PyTorch. */
export async function openTorch(env: Readonly<Record<string, string>> = {}): Promise<Torch | undefined> {
  if (!existsSync(PYTHON)) return undefined
  const child = spawn(PYTHON, ['-m', 'training.evaluate.bench'], {
    env: { ...process.env, OMP_NUM_THREADS: '1', ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done) return undefined
  const { torch, capability } = JSON.parse(first.value) as { torch: string; capability: string }
  return {
    version: `PyTorch ${torch}, ${capability}`,
    async run(graph, size) {
      child.stdin.write(`${JSON.stringify({ graph, size })}\n`)
      const answer = await lines.next()
      if (answer.done)
        throw new Error(`training/evaluate/bench.py stopped at ${graph} of size ${size}. Run it by hand to see why.`)
      return (JSON.parse(answer.value) as { ms: number }).ms
    },
    close: () => void child.stdin.end(),
  }
}

export async function hasTorch(): Promise<boolean> {
  const torch = await openTorch()
  torch?.close()
  return torch !== undefined
}

/** The page has opened `model`. Throws where PyTorch is missing. */
export async function measureTorch(page: Page, model: string, rounds: number, warmup: number): Promise<TorchFigures> {
  const [wide, narrow] = [await openTorch(), await openTorch(NARROW)]
  if (!wide || !narrow) throw new Error('training/evaluate/bench.py does not answer. Run it by hand to see why.')
  try {
    const rows: GraphComparison[] = []
    for (const each of CASES) {
      const { graph, size } = each
      const tasks = {
        wasm: () =>
          graph === 'matmul'
            ? call(page, 'matmulOnce', model, 'matmul.onnx', size)
            : call(page, 'graph', model, graph, size),
        torch: () => wide.run(graph, size),
        torch128: () => narrow.run(graph, size),
      }
      const taken = await inTurn(tasks, rounds, warmup)
      rows.push({
        graph: nameOf(each),
        wasmMs: median(taken.wasm),
        torchMs: median(taken.torch),
        torch128Ms: median(taken.torch128),
        ratio: ratio(taken.wasm, taken.torch),
        ratio128: ratio(taken.wasm, taken.torch128),
      })
    }
    return { torch: wide.version, rows }
  } finally {
    wide.close()
    narrow.close()
  }
}

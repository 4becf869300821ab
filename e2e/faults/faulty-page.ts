/** Imported into the harness page by the fault tests. */
import type { Engine, EngineOptions, GenerateRequest, GenerateResult, ModelSize, ScaleSchedule } from '../../src/index'
import { waits } from '../../src/waits'
import { type Measured, ORDERS, REPLIES, type WorkerCommand, type WorkerPlan, type WorkerReply } from './worker-orders'

/** How a call ended. */
export interface Outcome {
  /** `drawn`, `loaded` or `sized`; the error's name; `pending` if it did not settle. */
  readonly end: string
  readonly message: string
  /** SHA-256 of the pixels: equal names, equal pictures. */
  readonly picture: string
  readonly live: number
  readonly warnings: readonly string[]
  /** When it ended, by the page's clock. */
  readonly at: number
}

declare global {
  interface Window {
    faults: typeof faults
  }
}

/** Two steps of the smallest latent that the model's patch divides: the whole loop in a few milliseconds. */
const request = {
  prompt: 'a red apple',
  seed: 7,
  schedule: [
    { size: 4, sigma: 1 },
    { size: 4, sigma: 0.6 },
  ],
} as const satisfies GenerateRequest

/** A drawing of many seconds, so that what happens to it at its first scale happens in its middle. */
const long = {
  ...request,
  schedule: Array.from({ length: 1000 }, (_, step) => ({
    size: 4,
    sigma: 1 - step / 1000,
  })) as unknown as ScaleSchedule,
} satisfies GenerateRequest

/** An engine whose first worker follows the first plan, its successor the next, and so on. */
function createEngine(
  options: Partial<EngineOptions> = {},
  plans: readonly WorkerPlan[] = [],
): Promise<Engine> & { readonly workers: Worker[] } {
  const workers: Worker[] = []
  const engine = window.scalewise.createEngine({
    model: '/models/tiny/',
    backend: 'wasm',
    worker() {
      const name = plans[workers.length] ?? ('sound' satisfies WorkerPlan)
      const worker = new Worker('/e2e/faults/faulty-worker.ts?worker_file&type=module', { type: 'module', name })
      workers.push(worker)
      return worker
    },
    ...options,
  })
  return Object.assign(engine, { workers })
}

const orders = new BroadcastChannel(ORDERS)
const replies = new BroadcastChannel(REPLIES)
let ordered = 0

/** Sends to every living worker; returns the time by the page's clock. A worker that throws or closes does not reply. */
function order(command: WorkerCommand): number {
  orders.postMessage({ id: ordered++, command })
  return performance.now()
}

/** The same, waiting for the reply of the one that lives. */
function ask(command: 'lose' | 'loseDrawing' | 'measure'): Promise<Measured> {
  const id = ordered
  const replied = new Promise<Measured>((resolve) => {
    replies.addEventListener('message', function receive({ data }: MessageEvent<WorkerReply>) {
      if (data.id !== id) return
      replies.removeEventListener('message', receive)
      resolve(data.measured)
    })
  })
  order(command)
  return replied
}

/** Never rejects, and never waits longer than `limitMs`. */
async function outcome(call: Promise<GenerateResult | Engine | ModelSize>, limitMs = 60_000): Promise<Outcome> {
  const nothing = { message: '', picture: '', live: Number.NaN, warnings: [] }
  let timer = 0
  const limit = new Promise<'pending'>((resolve) => {
    timer = window.setTimeout(resolve, limitMs, 'pending')
  })
  try {
    const result = await Promise.race([call, limit])
    const at = performance.now()
    if (result === 'pending') return { ...nothing, end: 'pending', at }
    if ('storedBytes' in result) return { ...nothing, end: 'sized', at }
    if (!('image' in result)) return { ...nothing, end: 'loaded', at }
    const { image, stats, warnings } = result
    return { ...nothing, end: 'drawn', picture: await hash(image.data), live: stats.live, warnings, at }
  } catch (error) {
    const { name, message } = error as Error
    return { ...nothing, end: name, message, at: performance.now() }
  } finally {
    clearTimeout(timer)
  }
}

async function hash(data: Uint8ClampedArray<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', data)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const faults = {
  request,
  long,
  createEngine,
  order,
  ask,
  outcome,
  waits,
  /** Scales that the picture being drawn has reported. */
  scales: 0,
}
window.faults = faults

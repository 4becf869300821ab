import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { EngineError } from '../errors'
import type { DrawnPicture, JobAnswer, JobData, JobOrder } from './job'

/** tsx as a module; `require` finds its other form. */
const TSX = createRequire(import.meta.url)
  .resolve('tsx/esm/api')
  .replace(/\.cjs$/, '.mjs')

/** A thread does not inherit what reads TypeScript. */
const BOOTSTRAP = `import(${JSON.stringify(pathToFileURL(TSX).href)})
  .then(({ register }) => (register(), import(${JSON.stringify(new URL('./job.ts', import.meta.url).href)})))`

/**
 * Draws pictures one by one on several worker threads, each of which has the model for itself; whoever is done takes the next.
 * One by one, as WASM gains nothing by a batch. Rejects with what failed first, and ends the others.
 */
export async function drawInJobs(
  data: JobData,
  orders: readonly JobOrder[],
  jobs: number,
  onDrawn: (picture: DrawnPicture) => Promise<void>,
): Promise<void> {
  const left = [...orders]
  const workers: Worker[] = []
  function draw(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(BOOTSTRAP, { eval: true, workerData: data })
      workers.push(worker)
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('A job ended before its pictures were drawn. Try fewer --jobs.')))
      async function take(answer: JobAnswer): Promise<void> {
        if (answer && 'failed' in answer) throw new EngineError(answer.failed, answer.message)
        // The next one is drawn while this one is written.
        const next = left.shift()
        if (next) worker.postMessage(next)
        if (answer) await onDrawn(answer)
        if (!next) resolve()
      }
      worker.on('message', (answer: JobAnswer) => void take(answer).catch(reject))
    })
  }
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, orders.length) }, draw))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/**
 * A worker thread of `generate --jobs`: opens the model once, then draws one picture after the other. The main thread writes
 * them: it alone hears of signals, and what it began to write it can remove.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { EngineError, type EngineErrorName } from '../errors'
import type { RequestData } from '../request'
import { findModel, openPipeline } from './model'
import { encodePng } from './write-png'

export interface JobData {
  readonly model: string
  readonly float32: boolean
  /** Without its seed. */
  readonly request: RequestData
}

/** Which picture to draw next, and where to write it. */
export interface JobOrder {
  readonly seed: bigint
  readonly file: string
}

export interface DrawnPicture {
  readonly file: string
  readonly seed: bigint
  readonly png: Uint8Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly ms: number
}

/** `undefined`: ready for the first order. An error loses its class between threads: a named one is told by its name. */
export type JobAnswer = undefined | DrawnPicture | { readonly failed: EngineErrorName; readonly message: string }

if (parentPort) await work(parentPort, workerData as JobData)

async function work(port: NonNullable<typeof parentPort>, { model, float32, request }: JobData): Promise<void> {
  async function answer(make: () => Promise<JobAnswer>): Promise<void> {
    try {
      port.postMessage(await make())
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      port.postMessage({ failed: error.name, message: error.message } satisfies JobAnswer)
    }
  }
  await answer(async () => {
    const pipeline = await openPipeline(await findModel(model, float32))
    port.on('message', ({ seed, file }: JobOrder) => {
      void answer(async () => {
        const { image, timings } = await pipeline.generate({ ...request, seed, preview: 'none' })
        const { width, height } = image
        return { file, seed, png: Uint8Array.from(encodePng(image)), width, height, ms: timings.total }
      })
    })
    return undefined
  })
}

/** A worker thread of `generate --jobs`: opens the model once, then draws and writes one picture after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import type { RequestData } from '../request'
import { findModel, openPipeline } from './model'
import { writePng } from './write-png'

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

/** `undefined`: ready for the first order. */
export type JobAnswer =
  | undefined
  | {
      readonly file: string
      readonly seed: bigint
      readonly width: number
      readonly height: number
      readonly ms: number
    }

if (parentPort) await work(parentPort, workerData as JobData)

async function work(port: NonNullable<typeof parentPort>, { model, float32, request }: JobData): Promise<void> {
  const pipeline = await openPipeline(await findModel(model, float32))
  const answer = (message: JobAnswer): void => port.postMessage(message)
  port.on('message', async ({ seed, file }: JobOrder) => {
    const { image, timings } = await pipeline.generate({ ...request, seed, preview: 'none' })
    await writePng(file, image)
    answer({ file, seed, width: image.width, height: image.height, ms: timings.total })
  })
  answer(undefined)
}

import { createHash } from 'node:crypto'
import { findModel, loadModel } from '../../cli/model'
import { Pipeline } from '../../pipeline'

/** One picture of models/emoji, by what was asked for and the sha256 of its RGBA bytes. */
export interface GoldenPicture {
  readonly prompt: string
  readonly seed: number
  readonly schedule: string
  readonly style?: string
  readonly sha256: string
}

/** The model's examples and two more: an empty prompt, and one that is longer than the model reads. */
const REQUESTS: readonly Omit<GoldenPicture, 'sha256'>[] = [
  { prompt: 'a red apple', seed: 0, schedule: 'default' },
  { prompt: 'a smiling face', seed: 1, schedule: 'quick' },
  { prompt: 'a cat face', seed: 2, schedule: 'thorough' },
  { prompt: 'a panda wearing a top hat', seed: 3, schedule: 'default', style: '3d' },
  { prompt: 'a red car', seed: 4, schedule: 'quick', style: 'flat' },
  { prompt: 'a slice of pizza', seed: 5, schedule: 'thorough' },
  { prompt: 'a purple fox', seed: 2 ** 40 + 6, schedule: 'default' },
  { prompt: 'a dog and a pizza', seed: 7, schedule: 'full-4' },
  { prompt: '', seed: 8, schedule: 'default' },
  { prompt: 'a blue house beside a green tree under a yellow sun '.repeat(4), seed: 9, schedule: 'quick' },
]

/** Of them, those that are drawn with activations in 8 bits, too. */
const INT8_REQUESTS = 3

/**
 * Draws the requests through the Pipeline with ONNX Runtime's WASM and the CPU kernels: in float32, or with the graphs that
 * the model has for WASM.
 */
export async function drawGoldenPictures(float32: boolean): Promise<GoldenPicture[]> {
  const folder = new URL('../../../models/emoji', import.meta.url).pathname
  const pipeline = new Pipeline(await loadModel(await findModel(folder, float32)))
  const drawn: GoldenPicture[] = []
  for (const request of float32 ? REQUESTS : REQUESTS.slice(0, INT8_REQUESTS)) {
    const { image } = await pipeline.generate({ ...request, preview: 'none' })
    drawn.push({ ...request, sha256: createHash('sha256').update(image.data).digest('hex') })
  }
  return drawn
}

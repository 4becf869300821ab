/** An app in strict TypeScript that uses every entry of the package. Compiled by scripts/compile-consumer.ts, never run. */
import {
  createEngine,
  deleteModel,
  type Engine,
  EngineError,
  type EngineErrorName,
  type EngineProgress,
  type GenerateRequest,
  type GenerateResult,
  type GpuReport,
  isEngineError,
  listModels,
  type ModelInfo,
  modelSize,
  type ProbeReport,
  preload,
  probe,
  type ScaleSchedule,
  verifyModel,
} from 'scalewise'
import { ScalewiseImage, type ScalewiseImageEventMap } from 'scalewise/element'
import { drawTo, toBlob, toImageBitmap } from 'scalewise/picture'
import { type ImageState, useImage } from 'scalewise/react'
import { loadVocabulary } from 'scalewise/understand'
import 'scalewise/worker'
import { model } from 'scalewise-emoji'

export type Internals = [
  // @ts-expect-error The loop's seams are internal.
  import('scalewise').Kernels,
  // @ts-expect-error Manifests are read inside.
  import('scalewise').Manifest,
  // @ts-expect-error There is no way into the package but its entries.
  import('scalewise/dist-lib/types.js').ScaleStep,
]

const schedule: ScaleSchedule = [{ size: [8, 8], sigma: 1 }]
const request: GenerateRequest = { prompt: 'a red apple', seed: 7n, schedule, onScale: ({ previews }) => void previews }
const onProgress = (event: EngineProgress): number => (event.stage === 'download' ? event.loaded / event.total : 1)

async function draw(): Promise<GenerateResult> {
  const engine: Engine = await createEngine({
    model: new URL(model),
    backend: 'auto',
    onProgress,
    signal: new AbortController().signal,
    worker: () => new Worker('worker.js', { type: 'module' }),
  })
  const info: ModelInfo = engine.model
  const stream = engine.stream({ prompt: info.examples[0] ?? info.attribution[0]?.url ?? '' })
  for await (const { size, sigma } of stream) void [size[0], sigma]
  const { seed }: { seed: bigint } = await stream.result
  const result = await engine.generate({ ...request, seed, image: new ImageData(8, 8), strength: 0.5 })
  await engine[Symbol.asyncDispose]()
  return result
}

async function store(): Promise<ProbeReport> {
  const { missingBytes } = await modelSize(model)
  for (const { model, usedAt } of await listModels()) void [usedAt.getTime(), missingBytes, await deleteModel(model)]
  const { files } = await verifyModel(model)
  await preload({ model, onProgress })
  const report = await probe({ model })
  const gpu: GpuReport | undefined = report.gpu
  return gpu && files[0]?.state === 'ok' ? report : Promise.reject(new EngineError('NoWebGPU', 'Nothing there.'))
}

async function show(canvas: HTMLCanvasElement): Promise<Blob | undefined> {
  try {
    const { image } = await draw()
    drawTo(canvas, image, { background: 'white' })
    canvas.getContext('2d')?.putImageData(new ImageData(image.data, image.width, image.height), 0, 0)
    canvas.getContext('2d')?.drawImage(await toImageBitmap(image), 0, 0)
    return await toBlob(image, { type: 'image/webp' })
  } catch (error) {
    const names: EngineErrorName[] = ['AbortError', 'OutOfMemory']
    if (names.some((name) => isEngineError(error, name))) return undefined
    throw error
  }
}

function place(): ScalewiseImage {
  const element = document.createElement('scalewise-image')
  element.prompt = 'a red apple'
  type Shown = ScalewiseImageEventMap['load']['detail']
  element.addEventListener('load', (event) => void ((event as CustomEvent<Shown>).detail.image.width satisfies number))
  return element instanceof ScalewiseImage ? element : new ScalewiseImage()
}

function Sticker(): ImageState {
  return useImage({ model, prompt: 'a red apple' })
}

async function complete(): Promise<string[] | undefined> {
  const vocabulary = await loadVocabulary({ model })
  return vocabulary?.complete('a red str').map(({ text }) => text)
}

export { complete, place, Sticker, show, store }

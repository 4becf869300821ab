import { ConditioningCache } from './conditioning-cache'
import { throwIfAborted } from './errors'
import { loadPart } from './load-part'
import type { Manifest } from './manifest'
import { toPictures } from './pixels'
import { type DrawingPlan, planDrawing, type RequestData } from './request'
import { type SampleOptions, sample } from './sample'
import { heightWidth } from './schedule'
import type {
  BackendReport,
  Conditioning,
  Decoder,
  Denoiser,
  EngineProgress,
  GenerateResult,
  Kernels,
  Latent,
  Picture,
  PictureEncoder,
  PreviewMode,
  PromptEncoder,
  ScaleEvent,
} from './types'

/** What draws, all of it on one device. */
export interface DrawingModel<L extends Latent> {
  readonly denoiser: Denoiser<L>
  readonly decoder: Decoder<L>
  /** Where the model has one. */
  readonly pictureEncoder?: PictureEncoder<L>
  readonly kernels: Kernels<L>
  /** Resolves when the GPU has done what it was given: without it, timings would only show the giving. */
  readonly gpuIdle?: () => Promise<unknown>
}

/** A model ready to draw, all of it in memory. */
export interface Model<L extends Latent> extends DrawingModel<L> {
  readonly manifest: Manifest
  readonly backend: BackendReport
  readonly promptEncoder: PromptEncoder
}

/** Who waits for a part of a model to be loaded. */
export interface PhaseListener {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((event: EngineProgress) => void) | undefined
}

/** A model of which only what reads prompts or only what draws is in memory. Each call ends what the other gave. */
export interface ModelInTurn<L extends Latent> {
  readonly manifest: Manifest
  readonly backend: BackendReport
  encode(text: string, listener: PhaseListener): Promise<Conditioning>
  drawing(listener: PhaseListener): Promise<DrawingModel<L>>
}

export interface GenerateListener extends PhaseListener {
  readonly onScale?: ((event: ScaleEvent) => void) | undefined
  /** Milliseconds that the request has already waited for others. */
  readonly queued?: number
}

/** Prompt → conditioning → scale loop → decode → pixels. One request at a time. */
export class Pipeline<L extends Latent> {
  readonly #model: ModelInTurn<L>
  readonly #conditionings = new ConditioningCache()

  constructor(model: Model<L> | ModelInTurn<L>) {
    this.#model = 'drawing' in model ? model : allInMemory(model)
  }

  /**
   * Draws all images of a request as one batch. Throws the errors of `planDrawing`, `AbortError` (between scales),
   * and `ModelFailed`; every latent is freed whatever happens.
   */
  async generate(request: RequestData, listener: GenerateListener = {}): Promise<GenerateResult> {
    const { manifest, backend } = this.#model
    const { signal, onProgress, queued = 0 } = listener
    const { schedule } = Object(request)
    // Neither a name nor a list.
    if (schedule && !schedule.at) {
      return (await import('./pipeline/within')).drawWithin(this, manifest, request, listener)
    }
    const plan = await planDrawing(request, manifest, listener.onScale !== undefined)
    throwIfAborted(signal)
    const started = performance.now()

    onProgress?.({ stage: 'text' })
    const conditioning = await this.#encode(plan.text, listener)
    const encodedAt = performance.now()
    for (const message of conditioning.warnings) onProgress?.({ stage: 'warning', message })
    throwIfAborted(signal)

    const drawing = await this.#model.drawing(listener)
    const { kernels, decoder } = drawing
    const before = { readbacks: kernels.readbacks, dispatches: kernels.dispatches }
    onProgress?.({ stage: 'denoise' })
    const { x0, scales, pictures } = await this.#drawScales(drawing, plan, conditioning, listener, request)
    const decodeStarted = performance.now()
    let images = pictures
    try {
      throwIfAborted(signal)
      onProgress?.({ stage: 'decode' })
      images ??= await readPictures(kernels, await decoder.decode(x0))
    } finally {
      kernels.free(x0)
    }
    const ended = performance.now()
    return {
      image: images[0] as Picture,
      images,
      seed: plan.seeds[0],
      seeds: plan.seeds,
      schedule: plan.schedule,
      backend,
      timings: {
        queued,
        text: encodedAt - started,
        scales,
        decode: ended - decodeStarted,
        total: queued + ended - started,
      },
      stats: {
        readbacks: kernels.readbacks - before.readbacks,
        dispatches: kernels.dispatches - before.dispatches,
        live: kernels.live,
        textTokens: conditioning.tokens,
      },
      warnings: conditioning.warnings,
    }
  }

  async #encode(text: string, listener: PhaseListener): Promise<Conditioning> {
    const known = this.#conditionings.get(text)
    if (known) return known
    const conditioning = await this.#model.encode(text, listener)
    this.#conditionings.set(text, conditioning)
    return conditioning
  }

  /**
   * Runs the scale loop and tells of each scale. The caller frees the x0 it returns; `pictures` is there when the last
   * preview was the real decoder's already.
   */
  async #drawScales(
    drawing: DrawingModel<L>,
    plan: DrawingPlan,
    conditioning: Conditioning,
    { signal, onScale }: GenerateListener,
    request: RequestData,
  ): Promise<{ x0: L; scales: number[]; pictures: readonly Picture[] | undefined }> {
    const { schedule, seeds, preview } = plan
    const { denoiser, kernels, gpuIdle } = drawing
    const { manifest } = this.#model
    const channels = manifest.denoiser.latentChannels
    const start =
      request.image &&
      (await (
        await loadPart('start-picture', import('./start-picture'))
      ).startFromPicture(request, plan, drawing, manifest))
    const options: SampleOptions<L> = { schedule, channels, seeds, signal, start }
    const loop = sample(denoiser, kernels, conditioning, options)
    const scales: number[] = []
    let previews: readonly Picture[] = []
    try {
      for (;;) {
        const started = performance.now()
        const { done, value } = await loop.next()
        if (done) return { x0: value, scales, pictures: preview === 'decode' ? previews : undefined }
        await gpuIdle?.()
        const ms = performance.now() - started
        scales.push(ms)
        if (onScale) {
          const { size, sigma } = schedule[value.stepIndex] as (typeof schedule)[number]
          previews = await this.#preview(drawing, preview, value.x0)
          onScale({ index: value.stepIndex, count: schedule.length, size: heightWidth(size), sigma, ms, previews })
        }
        await nextTask()
      }
    } finally {
      // Frees the loop's latents when a preview failed; after its own end or error this does nothing.
      await loop.return(undefined as never)
      if (start) kernels.free(start.x0)
    }
  }

  async #preview({ kernels, decoder }: DrawingModel<L>, mode: PreviewMode, x0: () => L): Promise<readonly Picture[]> {
    switch (mode) {
      case 'none':
        return []
      case 'linear':
        return readPictures(kernels, kernels.preview(x0(), this.#model.manifest.preview))
      case 'decode':
        return readPictures(kernels, await decoder.decode(x0()))
      default:
        return mode satisfies never
    }
  }
}

function allInMemory<L extends Latent>(model: Model<L>): ModelInTurn<L> {
  const { manifest, backend, promptEncoder } = model
  return { manifest, backend, encode: (text) => promptEncoder.encode(text), drawing: async () => model }
}

/** Reads pixels back and frees them. */
async function readPictures<L extends Latent>(kernels: Kernels<L>, pixels: L): Promise<readonly Picture[]> {
  try {
    return toPictures(await kernels.read(pixels), pixels.shape)
  } finally {
    kernels.free(pixels)
  }
}

/** Lets waiting messages in: a WASM run blocks its thread, and a cancellation would otherwise wait for the picture. */
async function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  await new Promise((resolve) => {
    port1.onmessage = resolve
    port2.postMessage(0)
  })
  port1.close()
}

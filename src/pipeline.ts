import { throwIfAborted } from './errors'
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

/** A model ready to draw. */
export interface Model<L extends Latent> {
  readonly manifest: Manifest
  readonly backend: BackendReport
  readonly promptEncoder: PromptEncoder
  readonly denoiser: Denoiser<L>
  readonly decoder: Decoder<L>
  /** Where the model has one. */
  readonly pictureEncoder?: PictureEncoder<L>
  readonly kernels: Kernels<L>
  /** Resolves when the GPU has done what it was given: without it, timings would only show the giving. */
  readonly gpuIdle?: () => Promise<unknown>
}

export interface GenerateListener {
  readonly signal?: AbortSignal | undefined
  readonly onScale?: ((event: ScaleEvent) => void) | undefined
  readonly onProgress?: ((event: EngineProgress) => void) | undefined
  /** Milliseconds that the request has already waited for others. */
  readonly queued?: number
}

/** Prompt → conditioning → scale loop → decode → pixels. One request at a time. */
export class Pipeline<L extends Latent> {
  readonly #model: Model<L>
  /** Drawing again with another seed is the commonest request. */
  #last: { readonly text: string; readonly conditioning: Conditioning } | undefined

  constructor(model: Model<L>) {
    this.#model = model
  }

  /**
   * Draws all images of a request as one batch. Throws the errors of `planDrawing`, `AbortError` (between scales),
   * and `ModelFailed`; every latent is freed whatever happens.
   */
  async generate(request: RequestData, listener: GenerateListener = {}): Promise<GenerateResult> {
    const { manifest, kernels, decoder, backend } = this.#model
    const { signal, onProgress, queued = 0 } = listener
    const plan = planDrawing(request, manifest, listener.onScale !== undefined)
    throwIfAborted(signal)
    const before = { readbacks: kernels.readbacks, dispatches: kernels.dispatches }
    const started = performance.now()

    onProgress?.({ stage: 'text' })
    const conditioning = await this.#encode(plan.text)
    const encodedAt = performance.now()
    for (const message of conditioning.warnings) onProgress?.({ stage: 'warning', message })

    onProgress?.({ stage: 'denoise' })
    const { x0, scales, pictures } = await this.#drawScales(plan, conditioning, listener)
    const decodeStarted = performance.now()
    let images = pictures
    try {
      throwIfAborted(signal)
      onProgress?.({ stage: 'decode' })
      images ??= await this.#pictures(await decoder.decode(x0))
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

  async #encode(text: string): Promise<Conditioning> {
    if (this.#last?.text === text) return this.#last.conditioning
    const conditioning = await this.#model.promptEncoder.encode(text)
    this.#last = { text, conditioning }
    return conditioning
  }

  /**
   * Runs the scale loop and tells of each scale. The caller frees the x0 it returns; `pictures` is there when the last
   * preview was the real decoder's already.
   */
  async #drawScales(
    { schedule, seeds, preview }: DrawingPlan,
    conditioning: Conditioning,
    { signal, onScale }: GenerateListener,
  ): Promise<{ x0: L; scales: number[]; pictures: readonly Picture[] | undefined }> {
    const { denoiser, kernels, manifest, gpuIdle } = this.#model
    const options: SampleOptions<L> = { schedule, channels: manifest.denoiser.latentChannels, seeds, signal }
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
          previews = await this.#preview(preview, value.x0)
          onScale({ index: value.stepIndex, count: schedule.length, size: heightWidth(size), sigma, ms, previews })
        }
        await nextTask()
      }
    } finally {
      // Frees the loop's latents when a preview failed; after its own end or error this does nothing.
      await loop.return(undefined as never)
    }
  }

  async #preview(mode: PreviewMode, x0: () => L): Promise<readonly Picture[]> {
    switch (mode) {
      case 'none':
        return []
      case 'linear':
        return this.#pictures(this.#model.kernels.preview(x0(), this.#model.manifest.preview))
      case 'decode':
        return this.#pictures(await this.#model.decoder.decode(x0()))
      default:
        return mode satisfies never
    }
  }

  /** Reads pixels back and frees them. */
  async #pictures(pixels: L): Promise<readonly Picture[]> {
    const { kernels } = this.#model
    try {
      return toPictures(await kernels.read(pixels), pixels.shape)
    } finally {
      kernels.free(pixels)
    }
  }
}

/** Lets waiting messages in: a WASM run blocks its thread, and a cancellation would otherwise wait for the picture. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

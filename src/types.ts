/**
 * The nouns of scalewise. Types only: nothing here runs.
 *
 * Ownership of latents, said once: kernels and models allocate what they return and never free what they are given;
 * whoever asked for a latent frees it with `Kernels.free`. The scale loop does so in `finally`.
 */

/** Height and width in latent cells; one number means a square. */
export type LatentSize = number | readonly [height: number, width: number]

/** One step of the scale loop: the latent's size in cells and the noise level it starts from, in (0, 1]. */
export interface ScaleStep {
  readonly size: LatentSize
  readonly sigma: number
}

/** Sizes never fall; sigmas strictly fall, starting at 1. */
export type ScaleSchedule = readonly [ScaleStep, ...ScaleStep[]]

/** Batch, channels, height, width, stored in this order (NCHW, float32). */
export interface LatentShape {
  readonly batch: number
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** A latent somewhere: in CPU memory or in a GPU buffer, as its `Kernels` decides. */
export interface Latent {
  readonly shape: LatentShape
}

/** Names a draw of noise. Noise is a pure function of (seed of the image, step, element), whatever the batch slot. */
export interface NoiseKey {
  /** One seed an image of the batch, each in [0, 2^64). */
  readonly seeds: readonly bigint[]
  readonly step: number
}

/** A linear map from latent channels to RGBA, for previews at one pixel a cell. */
export interface PreviewMap {
  /** [4][channels]: premultiplied RGBA in [0, 1] = matrix · latent + bias. */
  readonly matrix: readonly (readonly number[])[]
  readonly bias: readonly number[]
}

/** The arithmetic of the loop, once in TypeScript and once in WGSL. */
export interface Kernels<L extends Latent> {
  /** Standard normal noise (Philox4x32-10, Box-Muller, in the layout of PyTorch's CUDA generator). */
  noise(shape: LatentShape, key: NoiseKey): L
  /** x0 = latent − step.sigma·velocity, bicubic to next.size, then (1 − next.sigma)·x0 + next.sigma·noise. */
  advance(latent: L, velocity: L, step: ScaleStep, next: ScaleStep, key: NoiseKey): L
  /** x0 = latent − step.sigma·velocity. Here and in `advance` a number that is not finite is told, at the latest by `read`. */
  predictX0(latent: L, velocity: L, step: ScaleStep): L
  /** Premultiplied RGBA in [0, 1], planar, at one pixel a latent cell: shape (batch, 4, height, width). */
  preview(x0: L, map: PreviewMap): L
  /** Copies numbers from the CPU. */
  upload(data: Float32Array, shape: LatentShape): L
  /** Copies to the CPU. On a GPU this is the one readback, and what the GPU refused before is told by it. */
  read(latent: L): Promise<Float32Array>
  free(latent: L): void
  /** Latents allocated and not yet freed. Zero when nothing is being drawn. */
  readonly live: number
  /** Our own compute dispatches so far; 0 on a CPU. */
  readonly dispatches: number
  /** Copies from the GPU so far; 0 on a CPU. */
  readonly readbacks: number
}

/** float32 numbers and their dimensions, of which the first is a batch of one. */
export interface ConditioningTensor {
  readonly dims: readonly number[]
  readonly data: Float32Array
}

/** What a model's text encoders made of a prompt. One serves every image of a batch. */
export interface Conditioning {
  /** By the name of the denoiser's input: token states, a pooled state, a mask, as the model has them. */
  readonly tensors: Readonly<Record<string, ConditioningTensor>>
  /** Tokens of the prompt as they were read, padding included; of several text encoders the sum. */
  readonly tokens: number
  /** For example that the prompt was longer than the model reads. */
  readonly warnings: readonly string[]
}

/** Tokenizers and text encoders, one or several: nothing else knows of tokens, ids or masks. */
export interface PromptEncoder {
  encode(prompt: string): Promise<Conditioning>
}

/**
 * The student. For a noisy latent y it answers v such that the clean estimate is x0 = y − sigma·v, in float32 as y is;
 * whatever a model natively predicts (noise, x0, the velocity of another path), its exporter adapts inside the graph.
 * `sigma` is y's noise level: y = (1 − sigma)·data + sigma·noise.
 */
export interface Denoiser<L extends Latent> {
  velocity(latent: L, sigma: number, conditioning: Conditioning): Promise<L>
}

/** A clean latent to begin from, such as a picture's. It stays the caller's: free it once the first scale was yielded. */
export interface SampleStart<L extends Latent> {
  /** One per seed; at most as large as the step that it enters, to which it is enlarged. */
  readonly x0: L
  /** In (0, 1]. The loop begins at the first step whose sigma is this or less; at 1 nothing of x0 is left. */
  readonly sigma: number
}

/** Turns clean latents to pixels: (batch, channels, height·cell, width·cell), planar, in [0, 1]. */
export interface Decoder<L extends Latent> {
  decode(latent: L): Promise<L>
}

/** Turns a picture to a clean latent, from which the scale loop can start. */
export interface PictureEncoder<L extends Latent> {
  /**
   * `size` in latent cells; the picture has exactly as many pixels per cell as the model's decoder draws. The latent
   * holds `batch` copies, one per image to draw (default 1).
   */
  encode(picture: Picture, size: LatentSize, batch?: number): Promise<L>
}

/** Straight (not premultiplied) RGBA, 8 bits, row by row: what `ImageData` takes. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray<ArrayBuffer>
}

export type BackendName = 'webgpu' | 'wasm'

/** Which backend runs, and why that one. */
export interface BackendReport {
  readonly name: BackendName
  readonly reason: string
  /** Of WASM: more than one where the page is cross-origin isolated. */
  readonly threads?: number
}

/** `linear`: a blurry picture at one pixel a cell, nearly free. `decode`: the real decoder at every scale. */
export type PreviewMode = 'none' | 'linear' | 'decode'

export interface ScaleEvent {
  readonly index: number
  readonly count: number
  /** Latent cells, height and width. */
  readonly size: readonly [number, number]
  readonly sigma: number
  /** Milliseconds of this scale: denoiser and kernels, without the preview. */
  readonly ms: number
  /** One an image; empty when previews are off. */
  readonly previews: readonly Picture[]
}

/** Where a file's bytes come from: the server, this browser's store, or another tab that downloads the same file. */
export type WeightSource = 'network' | 'store' | 'tab'

export type EngineProgress =
  | {
      readonly stage: 'download'
      readonly file: string
      /** Bytes so far, those kept from an interrupted download included. */
      readonly loaded: number
      readonly total: number
      readonly source: WeightSource
    }
  /** The connection failed; the download continues after `delayMs` where it stopped. `attempt` counts from 1 to `limit`. */
  | {
      readonly stage: 'retry'
      readonly file: string
      readonly attempt: number
      readonly limit: number
      readonly delayMs: number
      readonly reason: string
    }
  /** The GPU was lost: the engine is rebuilt from the store, and what it was drawing is drawn again. */
  | { readonly stage: 'recovering'; readonly reason: string }
  | { readonly stage: 'compile'; readonly file: string; readonly index: number; readonly count: number }
  | { readonly stage: 'ready'; readonly backend: BackendReport }
  /** The end of `preload`. */
  | { readonly stage: 'preloaded' }
  | { readonly stage: 'queued' | 'text' | 'denoise' | 'decode' }
  | { readonly stage: 'warning'; readonly message: string }

/** What a request may take: milliseconds from being drawn to pixels, or image tokens over all steps. One of both. */
export interface ScheduleBudget {
  readonly withinMs?: number | undefined
  readonly withinTokens?: number | undefined
}

/** What was chosen for a budget. */
export interface BudgetReport {
  /** The schedule's name in the manifest. */
  readonly schedule: string
  /** Image tokens over all its steps. */
  readonly tokens: number
  /** Whether it was expected to keep the budget; else it is the cheapest that there is. */
  readonly kept: boolean
  readonly reason: string
  /** Absent before anything was measured. */
  readonly predictedMs?: number
}

export interface GenerateRequest {
  /** Plain English; empty draws without a prompt. Longer than the model's token limit: truncated, and reported. */
  readonly prompt: string
  /** One of the model's style ids; none leaves the prompt as it is. */
  readonly style?: string
  /**
   * Seed of the first image, an integer in [0, 2^64), also as decimal text; the next images count on from it. Random when
   * absent.
   */
  readonly seed?: number | bigint | string
  /** A seed an image, instead of `seed`. */
  readonly seeds?: readonly (number | bigint | string)[]
  /** Images to draw, 1 to 16. Default 1, or as many as `seeds`. */
  readonly count?: number
  /**
   * A name from the model's manifest, a schedule of your own, or a budget, for which the best schedule is
   * chosen that keeps it on this machine. Default: the model's.
   */
  readonly schedule?: string | ScaleSchedule | ScheduleBudget
  /**
   * A picture to start from, where the model can (`ModelInfo.hasEncoder`); an ImageData is one. It is fitted into
   * the model's size with its transparency, and with an empty prompt it is only refined.
   */
  readonly image?: Picture
  /** How much of `image` is drawn anew, above 0 to 1; it names the noise level at which the picture enters. Default 0.7. */
  readonly strength?: number
  /**
   * While somebody types or moves a slider only the newest picture is wanted: a request ends those before it with the same
   * `latest`, waiting or being drawn, with `AbortError`. Others keep their place in the queue.
   */
  readonly latest?: string
  /** Default `linear` where somebody listens for scales, else `none`. */
  readonly preview?: PreviewMode
  readonly signal?: AbortSignal
  readonly onScale?: (event: ScaleEvent) => void
  readonly onProgress?: (event: EngineProgress) => void
}

/** Milliseconds. */
export interface Timings {
  readonly queued: number
  readonly text: number
  readonly scales: readonly number[]
  readonly decode: number
  readonly total: number
}

export interface Stats {
  /** Copies from the GPU to the CPU: 1 without previews, 0 on the WASM backend. */
  readonly readbacks: number
  /** Our own compute dispatches. */
  readonly dispatches: number
  /** Latents still allocated when the call ended. Anything but 0 is a leak. */
  readonly live: number
  /** Tokens of the prompt that the denoiser reads at each step beside the image's, padding included (`Conditioning.tokens`). */
  readonly textTokens: number
}

export interface GenerateResult {
  readonly image: Picture
  readonly images: readonly Picture[]
  readonly seed: bigint
  readonly seeds: readonly bigint[]
  readonly schedule: ScaleSchedule
  readonly backend: BackendReport
  readonly timings: Timings
  readonly stats: Stats
  /** Where a budget was asked for. */
  readonly budget?: BudgetReport
  /** For example that the prompt was longer than the model reads. */
  readonly warnings: readonly string[]
}

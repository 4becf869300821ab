/** The shape of bench/results.json: what `npm run bench` measured, part by part, and the page and the document show. */
import type { LatentSize } from '../src/types'
import type { Spread } from './statistics'

/** Milliseconds, medians. */
export interface PictureTimes {
  readonly sizes: readonly LatentSize[]
  readonly imageTokens: number
  /** What the denoiser reads beside the image tokens, over all steps. */
  readonly textTokens: number
  readonly text: number
  readonly denoiser: number
  readonly decoder: number
  readonly total: number
}

export interface ScalePair {
  readonly steps: number
  readonly scaleWise: PictureTimes
  readonly fullScale: PictureTimes
  /** Denoiser time at full scale over scale-wise. */
  readonly speedUp: Spread
  readonly totalSpeedUp: Spread
  /** Image tokens at full scale over scale-wise. */
  readonly imageBound: number
  /** The same with the text tokens counted, which the denoiser reads at every step too. */
  readonly bound: number
}

export interface EngineFigures {
  readonly total: number
  /** Parts of the picture's time, 0 to 1. */
  readonly outside: Spread
  readonly decoder: Spread
  readonly readbacks: number
  readonly dispatchesBetween: number
  /** Bytes a picture. */
  readonly toGpu: number
  readonly toCpu: number
}

export interface GrowthRow {
  readonly size: number
  readonly batch: number
  /** Of one image. */
  readonly imageTokens: number
  readonly textTokens: number
  readonly ms: Spread
}

export interface Growth {
  readonly rows: readonly GrowthRow[]
  /** Over image and text tokens together. */
  readonly tokenExponent: number
  readonly batchExponent: number
}

export interface NaiveFigures {
  /** Naive loop over engine: above 1 the engine is faster. */
  readonly total: Spread
  readonly engineMs: number
  readonly naiveMs: number
  readonly toGpu: number
  readonly toCpu: number
  readonly readbacks: number
}

export interface MatmulFigures {
  /** Best of the tried sizes. */
  readonly size: number
  /** FLOP/s, and multiply-adds count as two. */
  readonly matmul: number
  readonly rows: readonly {
    readonly size: number
    readonly batch: number
    readonly flops: number
    readonly perSecond: number
  }[]
}

export interface GraphComparison {
  readonly graph: string
  readonly wasmMs: number
  readonly torchMs: number
  /** PyTorch held to 128-bit vectors, as WASM is; absent where it could not be. */
  readonly torch128Ms?: number
  readonly ratio: Spread
  readonly ratio128?: Spread
}

export interface TorchFigures {
  readonly torch: string
  readonly rows: readonly GraphComparison[]
}

export interface StartFigures {
  readonly downloadBytes: number
  readonly runtimeBytes: number
  /** What the first picture on WASM waits for, each file gzipped: graphs, tokenizer, ONNX Runtime's .wasm. */
  readonly firstBytes?: number
  /** Milliseconds from `createEngine` to its end and to the first preview, with nothing stored. */
  readonly coldReady: number
  readonly coldPreview: number
  /** The same from IndexedDB on a new page. */
  readonly warmReady: number
  readonly warmPreview: number
  /** ONNX Runtime alone: the bytes in memory already; create three sessions, run each once. */
  readonly bare: number
  /** The same with fetching the files from the browser's cache first. */
  readonly bareFetched: number
  readonly warmOverBare: Spread
  readonly warmOverBareFetched: Spread
  /** Ready over fetching and sessions with ONNX Runtime's build by asyncify, with which the engine began. */
  readonly readyOverBefore?: Spread
  /** The first picture over later ones, in the same engine. */
  readonly firstOverLater: Spread
  /** Bytes. */
  readonly peakMemory?: number
  readonly baseMemory?: number
}

/** The default picture on WASM; `…Over`: its time over that of one thread in float32, taken in turn. */
export interface FastFigures {
  readonly threads: number
  readonly beforeMs: number
  readonly threadsOver: Spread
  readonly int8Over: Spread
  readonly bothOver: Spread
  /** With both, pictures of one request. */
  readonly batches: readonly { readonly batch: number; readonly perSecond: number }[]
  /** Of the predicted time under a budget, 0 to 1. */
  readonly budgetError: Spread
}

export interface VariantRow {
  readonly variant: string
  readonly measured: string
  readonly bytes: { readonly text: number; readonly denoiser: number; readonly decoder: number }
  /** Over the same graph of the shipped model. */
  readonly time: { readonly text: Spread; readonly denoiser: Spread; readonly decoder: Spread }
  /** Relative L2 distance to the shipped model's outputs. */
  readonly distance: { readonly text: number; readonly denoiser: number; readonly decoder: number }
  readonly quality?: number
}

/** When and how a part was measured. */
export interface Taken {
  readonly measured: string
  readonly rounds: number
  readonly model: string
}

export type Part<T> = T & Taken

/** One place where the engine ran. */
export interface Platform {
  readonly machine: string
  readonly runtime: string
  /** On WebGPU. `software`: a processor that plays GPU. */
  readonly adapter?: { readonly name: string; readonly software: boolean }
  readonly scales?: Part<{ readonly pairs: readonly ScalePair[] }>
  readonly engine?: Part<EngineFigures>
  readonly torch?: Part<TorchFigures>
  readonly start?: Part<StartFigures>
  readonly growth?: Part<Growth>
  readonly naive?: Part<NaiveFigures>
  readonly matmul?: Part<MatmulFigures>
  readonly fast?: Part<FastFigures>
}

export interface Results {
  readonly format: 1
  /** By name: `WASM`, and `WebGPU, ` with the adapter's. */
  readonly platforms: Readonly<Record<string, Platform>>
  readonly variants?: { readonly rows: readonly VariantRow[]; readonly shipped: string }
  readonly library?: { readonly bytes: number; readonly measured: string }
}

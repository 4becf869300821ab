import { type Notice, throwIfAborted, unlessAborted } from '../errors'
import type { Manifest } from '../manifest'
import { namedFiles } from '../manifest/graphs'
import { chooseBackend, type GpuReport, inspectGpu } from '../runtime/device'
import { threadsHere } from '../runtime/threads'
import type { BackendReport } from '../types'
import { megabytes } from '../weights/store/quota'
import { type AskOptions, describe, type ModelSize } from './describe'
import { checkGiven } from './given'

export type { GpuReport } from '../runtime/device'

/**
 * `fast`: a real GPU that the model can use. `slow`: the processor draws; some seconds per picture. `doubtful`: it may
 * fail, as memory or room on the disk is short. `impossible`: this browser cannot run it.
 */
export type ProbeVerdict = 'fast' | 'slow' | 'doubtful' | 'impossible'

export interface ProbeReport {
  readonly verdict: ProbeVerdict
  /** Why, one sentence each. */
  readonly reasons: readonly string[]
  /** What `backend: 'auto'` would run on; absent where nothing can. */
  readonly backend?: BackendReport
  /** The adapter that the browser really gave; absent where it gave none. */
  readonly gpu?: GpuReport
  /** Bytes that this site may use and does; whether the browser promised to keep them. Absent where it does not say. */
  readonly storage?: { readonly quota: number; readonly usage: number; readonly persisted: boolean }
  /** Bytes. `device`: of the machine, as the browser gives it (rounded, at most some gigabytes). */
  readonly memory: { readonly needed?: number; readonly device?: number }
  /** Threads of the WASM backend: those that it has in this page, and those that it would have, were the page isolated. */
  readonly threads: { readonly used: number; readonly isolated: number }
  /** The model that was asked about, and the variant of its files that would run. */
  readonly model?: ModelSize & {
    readonly id: string
    readonly version: string
    readonly variant: string
    /** Pixels along a side of a picture, at most. */
    readonly maxSide: number
    /** Bytes of memory while the prompt is read and while the picture is drawn, estimates. */
    readonly memory: { readonly text: number; readonly draw: number }
    /** Terms that a person has to accept (`EngineOptions.acceptLicence`). */
    readonly notice?: Notice
  }
}

/** Of memory with addresses of 32 bits. */
const WASM_BYTES = 2 ** 32

/** The smallest WASM module with a SIMD instruction (i8x16.splat): ONNX Runtime needs SIMD. */
const SIMD_MODULE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  8,
  1,
  6,
  0,
  65,
  0,
  253,
  15,
  11,
)

/**
 * Looks what this browser can do, before anything large is downloaded: really asks for a GPU device and gives it back.
 * With a `model` (as `createEngine` takes it) its manifest is read and its needs are compared.
 *
 * @throws EngineError 'AbortError', or 'InvalidRequest' for a signal that is none; else only for that manifest, as
 * `modelSize`.
 */
export async function probe(options: AskOptions & { model?: string | URL } = {}): Promise<ProbeReport> {
  const { model, signal } = options ?? {}
  checkGiven({ signal })
  throwIfAborted(signal)
  const described = model === undefined ? undefined : await describe(model, options)
  const requires = described?.manifest.requires ?? { features: [], limits: {} }
  const missing = missingBasics()
  const [gpu, storage] = await unlessAborted(Promise.all([inspectGpu(), inspectStorage()]), signal)
  const backend = missing.length > 0 ? undefined : await unlessAborted(tryBackend(requires), signal)
  const memory = {
    ...inspectMemory(),
    ...(described && { needed: Math.max(...Object.values(described.manifest.memoryBytes)) }),
  }
  const doubts = described ? doubtsOf(described.size, memory, storage, backend) : []
  return {
    verdict: !backend ? 'impossible' : doubts.length > 0 ? 'doubtful' : backend.name === 'webgpu' ? 'fast' : 'slow',
    reasons: [...missing, ...(backend ? [backend.reason, ...leftOnTheTable(backend)] : []), ...doubts],
    memory,
    threads: threadsHere(),
    ...(backend && { backend }),
    ...(gpu && { gpu }),
    ...(storage && { storage }),
    ...(described && { model: { ...(await identity(described.manifest)), ...described.size } }),
  }
}

/** Of two threads a picture took 0.6 of one thread's time (docs/PERFORMANCE.md). */
function leftOnTheTable({ name }: BackendReport): string[] {
  const { used, isolated } = threadsHere()
  if (name !== 'wasm' || used === isolated) return []
  const headers = 'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
  return [`It draws on ${used} thread; served with ${headers}, this page would draw on ${isolated}.`]
}

function missingBasics(): string[] {
  const simd = typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_MODULE)
  return [
    ...(simd ? [] : ['This browser has no WebAssembly with SIMD. Update it.']),
    ...(typeof Worker === 'function' ? [] : ['There are no web workers here. Call the engine from a page.']),
  ]
}

async function tryBackend(requires: Manifest['requires']): Promise<BackendReport> {
  const { report, device } = await chooseBackend('auto', requires)
  device?.destroy()
  return report
}

async function inspectStorage(): Promise<ProbeReport['storage']> {
  const storage = globalThis.navigator?.storage
  try {
    const [{ quota, usage }, persisted] = await Promise.all([storage.estimate(), storage.persisted()])
    return quota === undefined || usage === undefined ? undefined : { quota, usage, persisted }
  } catch {
    return undefined // No secure context, or storage is forbidden.
  }
}

function inspectMemory(): { device?: number } {
  const gigabytes = (globalThis.navigator as { deviceMemory?: number } | undefined)?.deviceMemory
  return gigabytes === undefined ? {} : { device: gigabytes * 2 ** 30 }
}

function doubtsOf(
  { missingBytes }: ModelSize,
  { needed = 0, device }: ProbeReport['memory'],
  storage: ProbeReport['storage'],
  backend: BackendReport | undefined,
): string[] {
  const free = storage ? storage.quota - storage.usage : undefined
  return [
    ...(backend?.name === 'wasm' && needed > WASM_BYTES
      ? [`The model needs ${megabytes(needed)} of memory and WASM has at most ${megabytes(WASM_BYTES)}. Use WebGPU.`]
      : []),
    // Browsers stop a tab that takes more than about half of a small machine's memory.
    ...(device !== undefined && needed > device / 2
      ? [`The model needs ${megabytes(needed)} of memory and the device has ${megabytes(device)}. Close other tabs.`]
      : []),
    ...(free !== undefined && missingBytes > free
      ? [
          `${megabytes(missingBytes)} would be stored and ${megabytes(free)} are free. Delete another model or free disk.`,
        ]
      : []),
  ]
}

async function identity(manifest: Manifest) {
  const { id, version, memoryBytes, notice, denoiser, decoder } = manifest
  const maxSide = denoiser.maxSize * decoder.pixelsPerCell
  // Of what holds weights: attention checks and tokenizers hold none, nor do graphs whose weights lie beside them.
  const weights = namedFiles(manifest).filter(([field]) => !/tokenizer|check$/.test(field))
  const paths = new Set(weights.map(([, path]) => path))
  const stored = manifest.files.filter(({ path, dtype }) => paths.has(path) && dtype !== 'graph')
  const kinds = new Set(stored.map(({ dtype }) => dtype ?? 'unnamed'))
  const terms = notice && (await import('../weights/accept-notice')).noticeOf(notice)
  return {
    id,
    version,
    variant: [...kinds].join(' and '),
    maxSide,
    memory: memoryBytes,
    ...(terms && { notice: await terms }),
  }
}

import { fromPage, manifestAddress, pageAddress } from '../address'
import { exposeListener } from '../bridge/listener'
import type { LicenceRefusal, LoadReport, LoadRequest } from '../bridge/messages'
import { EngineError, throwIfAborted } from '../errors'
import type { ModelInfo } from '../manifest'
import type { RequestData } from '../request'
import { randomSeed } from '../seed'
import type { BackendName, BackendReport, EngineProgress, GenerateRequest, ScaleSchedule } from '../types'
import { waits } from '../waits'
import { withCallbackErrors } from './callback-errors'
import { Connection } from './connection'
import { type DrawnResult, withRecord } from './drawn-result'
import { checkGiven } from './given'
import { createLatest } from './latest'
import { startWorker, type WorkerSource } from './start-worker'
import { type ScaleStream, scaleStream } from './stream'
import { type LoadedWorker, type Opening, retryOnDeviceLoss, WorkerSupervisor } from './worker-supervisor'

export type { WorkerSource } from './start-worker'
export type { ScaleStream } from './stream'

export interface EngineOptions {
  /** Address of a manifest.json, or of the folder that holds it; relative to the page. */
  readonly model: string | URL
  /** `auto` (the default): WebGPU where there is a real GPU that the model can use, else WASM. */
  readonly backend?: 'auto' | BackendName
  readonly onProgress?: (event: EngineProgress) => void
  /** Cancels loading. */
  readonly signal?: AbortSignal
  /**
   * The engine's worker, where the bundler cannot see the built-in one: what makes it from a script with
   * `import 'scalewise/worker'`, or the address of `worker.js` in a folder that `npx scalewise copy-page` wrote.
   */
  readonly worker?: WorkerSource | undefined
  /**
   * Whether to ask the browser, once the model is stored, not to clear it away when the disk fills up. Default true;
   * Firefox asks its user then.
   */
  readonly persist?: boolean
  /**
   * Where the bundler does not serve ONNX Runtime: the folder with its .wasm and .mjs files, or the address of one .wasm:
   * `ort-wasm-simd-threaded.asyncify.wasm`, which runs everywhere, or `….jspi.wasm`, under that name.
   */
  readonly wasmPaths?: string
  /**
   * For a model with terms: the `hash` of its notice, once a person has accepted it. Without it `createEngine` rejects with
   * `LicenceNotAccepted`, and the error has the `notice` to show; nothing but the manifest was fetched then.
   */
  readonly acceptLicence?: string | undefined
}

/** A loaded model. Requests are drawn one at a time, in the order in which they came. */
export interface Engine {
  readonly model: ModelInfo
  readonly backend: BackendReport
  /**
   * Draws one request. When the GPU is lost, the engine is rebuilt from the store and draws the request again with the
   * same seed (progress event `recovering`). Where the GPU fails and `auto` chose it, the processor draws from then on.
   *
   * @throws EngineError 'AbortError', 'InvalidRequest', 'InvalidSeed', 'InvalidSchedule', 'UnknownSchedule',
   * 'UnknownStyle', 'ModelFailed', 'OutOfMemory'; 'DeviceLost' only if the GPU is lost twice and was asked for;
   * 'WorkerCrashed', after which the next call starts a fresh worker (and may reject as `createEngine` does); 'Disposed'.
   */
  generate(request: GenerateRequest): Promise<DrawnResult>
  /** The same as an async iterator over its scales; leaving the loop cancels. */
  stream(request: GenerateRequest): ScaleStream
  /**
   * Draws the smallest thing there is, so that the first picture is as fast as later ones: code is compiled, kernels are
   * made, and of a model whose parts take turns those that draw are loaded. It waits in the queue like a request, and does
   * its work once.
   *
   * @throws EngineError as `generate` does.
   */
  warmUp(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Stops everything and frees the model. Calls under way reject with `Disposed`. */
  dispose(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Loads a model in a worker.
 *
 * @throws EngineError 'DownloadFailed', 'CorruptFile', 'InvalidManifest', 'NoWebGPU' (only if `webgpu` was asked for),
 * 'LicenceNotAccepted', 'InvalidRequest', 'ModelFailed', 'OutOfMemory', 'WorkerCrashed' or 'AbortError'.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  checkGiven({ signal: options?.signal, onProgress: options?.onProgress })
  throwIfAborted(options?.signal)
  const { signal, ...later } = loadOptions(options)
  const first = await openWorker({ ...later, signal }).loaded
  // It would ask Firefox's users a question: so not before there is something to keep.
  if (first.stored && options.persist !== false) void navigator.storage?.persist?.()
  const { request } = later
  const again = (because?: string) =>
    openWorker({ ...later, request: because ? { ...request, backend: 'wasm', because } : request })
  return createFacade(new WorkerSupervisor(first, again, request.backend === 'auto'), options.onProgress)
}

export interface OpenOptions {
  readonly request: LoadRequest
  readonly startWorker: () => Worker
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((event: EngineProgress) => void) | undefined
}

/** Addresses are resolved once: the page's own may change, and a fresh worker must find the same model. */
export function loadOptions(options: EngineOptions): OpenOptions {
  const { model, backend = 'auto', wasmPaths, acceptLicence, worker, signal, onProgress } = options ?? {}
  const request = {
    manifest: manifestAddress(model),
    backend,
    wasmPaths: wasmPaths && fromPage(wasmPaths, 'wasmPaths').href,
    acceptLicence,
    page: pageAddress(),
  }
  return { request, startWorker: () => startWorker(worker), signal, onProgress }
}

function openWorker({ request, startWorker, signal, onProgress }: OpenOptions): Opening {
  const connection = new Connection(startWorker())
  const loaded = withCallbackErrors(signal, async (callSignal, fail) => {
    const report = await connection.call<LoadReport | LicenceRefusal>(
      callSignal,
      async (api, id) => api.load(id, request, exposeListener(onProgress, callSignal, fail)),
      waits.stopLoadingMs,
    )
    return { connection, ...accepted(report) }
  }).catch((error: unknown) => {
    connection.end()
    throw error
  })
  return { connection, loaded }
}

/** @throws EngineError 'LicenceNotAccepted' in place of a refusal. */
export function accepted<T>(report: T | LicenceRefusal): T {
  const { message, notice } = Object(report) as Partial<LicenceRefusal>
  if (notice) throw new EngineError('LicenceNotAccepted', message ?? '', { notice })
  return report as T
}

function createFacade(supervisor: WorkerSupervisor, onEngineProgress: EngineOptions['onProgress']): Engine {
  const latest = createLatest()
  let warm = false

  async function generate(asked: GenerateRequest): Promise<DrawnResult> {
    // A request that is none at all is the worker's to refuse, by name.
    const { signal, onScale, onProgress, latest: group, ...given } = asked ?? {}
    checkGiven({ signal, onScale, onProgress })
    const request = seeded(given)
    return latest(group, signal, (either) =>
      withCallbackErrors(either, (callSignal, fail) => {
        async function draw(worker: LoadedWorker): Promise<DrawnResult> {
          const result = await worker.connection.call(callSignal, (api, id) =>
            api.generate(
              id,
              request,
              exposeListener(onScale, callSignal, fail),
              exposeListener(onProgress, callSignal, fail),
            ),
          )
          worker.backend = result.backend
          return withRecord(result, request, worker.model)
        }
        return retryOnDeviceLoss(supervisor, callSignal, draw, ({ message }) => {
          try {
            for (const listener of [onEngineProgress, onProgress]) listener?.({ stage: 'recovering', reason: message })
          } catch (error) {
            fail(error)
          }
        })
      }),
    )
  }
  async function warmUp({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (warm) return throwIfAborted(signal)
    const { schedules, defaultSchedule } = supervisor.last.model
    const [{ size }] = schedules[defaultSchedule] as ScaleSchedule
    await generate({ prompt: '', seed: 0, schedule: [{ size, sigma: 1 }], ...(signal && { signal }) })
    warm = true
  }
  async function dispose(): Promise<void> {
    supervisor.dispose()
  }
  return {
    get model() {
      return supervisor.last.model
    },
    get backend() {
      return supervisor.last.backend
    },
    generate,
    stream(request) {
      return scaleStream((onScale, signal) => {
        checkGiven({ onScale: request?.onScale })
        const both = (event: Parameters<typeof onScale>[0]) => {
          onScale(event)
          request?.onScale?.(event)
        }
        return generate({ ...request, signal, onScale: both })
      }, request?.signal)
    },
    warmUp,
    dispose,
    [Symbol.asyncDispose]: dispose,
  }
}

/** A random seed is drawn here, so that a request which is drawn again after a loss gives the same picture. */
function seeded(request: RequestData): RequestData {
  return request.seed === undefined && request.seeds === undefined ? { ...request, seed: randomSeed() } : request
}

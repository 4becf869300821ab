import { openListener, type RemoteListener } from '../bridge/listener'
import { holdLiveness } from '../bridge/liveness'
import type { LicenceRefusal, LoadReport, LoadRequest } from '../bridge/messages'
import { moving, serve } from '../bridge/remote'
import { EngineError } from '../errors'
import { loadPart } from '../load-part'
import { modelInfo } from '../manifest'
import { type GenerateListener, Pipeline } from '../pipeline'
import type { RequestData } from '../request'
import { loadOrt } from '../runtime/ort'
import type { EngineProgress, GenerateResult, Latent, ScaleEvent } from '../types'
import { loadAhead } from './choose-platform'
import type { DeviceLossGuard } from './device-loss'
import { type DescribedModel, describeModel, openOn, partsOf } from './open-on'
import { preloadModel } from './preload-model'
import { Queue } from './queue'
import { RunningCalls } from './running-calls'

interface Loaded {
  readonly pipeline: Pipeline<Latent>
  /** On WebGPU. */
  readonly lossGuard: DeviceLossGuard | undefined
  /** After a picture: nothing that it does not need comes before it. */
  fetchForLater(): void
  /** Where `auto` chose a GPU: gives it up and loads the model for the processor. */
  readonly leaveGpu?: (because: string, signal: AbortSignal) => Promise<unknown>
}

const queue = new Queue()
const calls = new RunningCalls()
let loaded: Loaded | undefined
/** Who hears of downloads: the call that is under way. */
const listener: { progress: ((event: EngineProgress) => void) | undefined } = { progress: undefined }

const api = {
  async load(
    id: number,
    request: LoadRequest,
    onProgress?: RemoteListener<EngineProgress>,
  ): Promise<LoadReport | LicenceRefusal> {
    const progress = openListener(onProgress)
    return calls.run(id, progress, (signal) => {
      void loadAhead(request)
      listener.progress = progress.call
      return open(request, signal)
    })
  },

  async generate(
    id: number,
    request: RequestData,
    onScale?: RemoteListener<ScaleEvent>,
    onProgress?: RemoteListener<EngineProgress>,
  ): Promise<GenerateResult> {
    const scales = openListener(onScale)
    const progress = openListener(onProgress)
    const listeners = { close: () => Promise.all([scales.close(), progress.close()]) }
    return calls.run(id, listeners, async (signal) => {
      const asked = performance.now()
      if (queue.pending > 0) progress.call?.({ stage: 'queued' })
      const result = await queue.run(() => {
        listener.progress = progress.call
        if (!loaded) throw new EngineError('Disposed', 'No model is loaded. Create the engine again.')
        const queued = performance.now() - asked
        return draw(loaded, request, { signal, queued, onScale: scales.call, onProgress: progress.call })
      }, signal)
      return moving(
        result,
        result.images.map((image) => image.data.buffer),
      )
    })
  },

  describe: (id: number, address: string): Promise<DescribedModel> =>
    calls.run(id, openListener(undefined), (signal) => describeModel(address, signal)),

  async preload(
    id: number,
    request: LoadRequest,
    onProgress?: RemoteListener<EngineProgress>,
  ): Promise<boolean | LicenceRefusal> {
    const progress = openListener(onProgress)
    const work = (signal: AbortSignal) =>
      preloadModel(request, (event) => progress.call?.(event), signal).catch(refusal)
    return calls.run(id, progress, work)
  },

  cancel: (id: number): void => calls.cancel(id),

  hold: holdLiveness,
}

/** Draws; what fails on a GPU that `auto` chose is drawn on the processor. A lost GPU is the page's to replace. */
async function draw(
  { pipeline, lossGuard, fetchForLater, leaveGpu }: Loaded,
  request: RequestData,
  options: GenerateListener & { readonly signal: AbortSignal },
): Promise<GenerateResult> {
  const work = () => pipeline.generate(request, options)
  try {
    const result = await (lossGuard ? lossGuard.run(work) : work())
    fetchForLater()
    return result
  } catch (error) {
    if (!leaveGpu || options.signal.aborted) throw error
    return onCpuInstead(error, async (because) => {
      await leaveGpu(because, options.signal)
      return draw(loaded as Loaded, request, options)
    })
  }
}

/** Does on the processor what failed on the GPU, and says so. */
async function onCpuInstead<T>(error: unknown, work: (because: string) => Promise<T>): Promise<T> {
  const { otherBackend } = await loadPart('other-backend', import('./other-backend'))
  return otherBackend(error, (event) => listener.progress?.(event), work)
}

/** Loads the model where the request says; `auto` where it runs, on the processor if the GPU fails. */
async function open(request: LoadRequest, signal: AbortSignal): Promise<LoadReport | LicenceRefusal> {
  const onProgress = (event: EngineProgress) => listener.progress?.(event)
  const opened = await openOn(request, onProgress, signal).catch(refusal)
  if ('notice' in opened) return opened
  const { manifest, load, finish, fetchForLater, close, chosen } = opened
  const { backend } = chosen.platform
  const { lossGuard } = chosen
  function leaveGpu(because: string, again: AbortSignal): Promise<LoadReport | LicenceRefusal> {
    loaded = undefined
    close()
    chosen.close()
    return open({ ...request, backend: 'wasm', because }, again)
  }
  const may = request.backend === 'auto' && backend.name !== 'wasm'
  try {
    const options = { load, signal, onProgress }
    const pipeline = new Pipeline(await partsOf(opened, request, options))
    loaded = { pipeline, lossGuard, fetchForLater, ...(may && { leaveGpu }) }
    return { model: modelInfo(manifest), backend, stored: await finish() }
  } catch (error) {
    const stored = await opened.otherVersion(error)
    if (stored) {
      close()
      chosen.close()
      return open({ ...request, stored }, signal)
    }
    if (may && !signal.aborted) return onCpuInstead(error, (because) => leaveGpu(because, signal))
    close()
    throw error
  }
}

function refusal(error: unknown): LicenceRefusal {
  if (error instanceof EngineError && error.notice) return { message: error.message, notice: error.notice }
  throw error
}

/** What the page may call; the page's side of it is inferred from this. */
export type EngineApi = typeof api

// A bundler that puts all of a worker into one file makes it the script of ONNX Runtime's threads, too.
if (self.name.startsWith('em-pthread')) void loadOrt()
else serve(api)

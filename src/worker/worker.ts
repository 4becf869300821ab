import { openListener, type RemoteListener } from '../bridge/listener'
import { holdLiveness } from '../bridge/liveness'
import type { LicenceRefusal, LoadReport, LoadRequest } from '../bridge/messages'
import { moving, serve } from '../bridge/remote'
import { EngineError } from '../errors'
import { modelInfo } from '../manifest'
import { Pipeline } from '../pipeline'
import type { RequestData } from '../request'
import { loadOrt } from '../runtime/ort'
import type { EngineProgress, GenerateResult, Latent, ScaleEvent } from '../types'
import { likelyBackend } from './choose-platform'
import type { DeviceLossGuard } from './device-loss'
import { openOn, partsOf } from './open-on'
import { Queue } from './queue'
import { RunningCalls } from './running-calls'

interface Loaded {
  readonly pipeline: Pipeline<Latent>
  /** On WebGPU. */
  readonly lossGuard: DeviceLossGuard | undefined
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
    return calls.run(id, progress, async (signal) => {
      const runtime = likelyBackend(request.backend).then((backend) => loadOrt(backend, request.wasmPaths))
      // It loads while the manifest does; if that fails first, the runtime's own failure no longer matters.
      runtime.catch(() => {})
      listener.progress = progress.call
      const opened = await openOn(request, runtime, (event) => listener.progress?.(event), signal).catch(refusal)
      if ('notice' in opened) return opened
      const { manifest, load, finish, close, chosen } = opened
      try {
        const options = { load, signal, onProgress: progress.call }
        loaded = { pipeline: new Pipeline(await partsOf(opened, runtime, options)), lossGuard: chosen.lossGuard }
        return { model: modelInfo(manifest), backend: chosen.platform.backend, stored: await finish() }
      } catch (error) {
        close()
        throw error
      }
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
        const { pipeline, lossGuard } = loaded
        const draw = () =>
          pipeline.generate(request, { signal, queued, onScale: scales.call, onProgress: progress.call })
        return lossGuard ? lossGuard.run(draw) : draw()
      }, signal)
      return moving(
        result,
        result.images.map((image) => image.data.buffer),
      )
    })
  },

  cancel: (id: number): void => calls.cancel(id),

  hold: holdLiveness,
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

import { openListener, type RemoteListener } from '../bridge/listener'
import { holdLiveness } from '../bridge/liveness'
import type { LoadReport, LoadRequest } from '../bridge/messages'
import { moving, serve } from '../bridge/remote'
import { EngineError } from '../errors'
import { modelInfo } from '../manifest'
import { assemble } from '../model/assemble'
import { Pipeline } from '../pipeline'
import type { RequestData } from '../request'
import { loadOrt } from '../runtime/ort'
import type { EngineProgress, GenerateResult, Latent, ScaleEvent } from '../types'
import { openModel } from '../weights/open-model'
import { choosePlatform, likelyBackend } from './choose-platform'
import type { DeviceLossGuard } from './device-loss'
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

const api = {
  async load(id: number, request: LoadRequest, onProgress?: RemoteListener<EngineProgress>): Promise<LoadReport> {
    const progress = openListener(onProgress)
    return calls.run(id, progress, async (signal) => {
      const runtime = likelyBackend(request.backend).then((backend) => loadOrt(backend, request.wasmPaths))
      // It loads while the manifest does; if that fails first, the runtime's own failure no longer matters.
      runtime.catch(() => {})
      const listener = { progress: (event: EngineProgress) => progress.call?.(event) }
      const { manifest, load, finish, close } = await openModel(request.manifest, listener, signal)
      try {
        const { platform, lossGuard } = await choosePlatform(runtime, request.backend, manifest)
        const options = { load, signal, onProgress: progress.call }
        loaded = { pipeline: new Pipeline(await assemble(manifest, platform, options)), lossGuard }
        return { model: modelInfo(manifest), backend: platform.backend, stored: await finish() }
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
        if (!loaded) throw new EngineError('Disposed', 'This worker has no model. Create the engine again.')
        const queued = performance.now() - asked
        const listener = { signal, queued, onScale: scales.call, onProgress: progress.call }
        const { pipeline, lossGuard } = loaded
        const draw = () => pipeline.generate(request, listener)
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

/** What the page may call; the page's side of it is inferred from this. */
export type EngineApi = typeof api

serve(api)

import { expose, transfer } from 'comlink'
import { EngineError, isEngineError } from '../errors'
import { type Manifest, modelInfo } from '../manifest'
import { assemble, type Platform } from '../model/assemble'
import { Pipeline } from '../pipeline'
import type { RequestData } from '../request'
import { chooseBackend, inspectGpu } from '../runtime/device'
import { loadOrt, type Ort } from '../runtime/ort'
import type { BackendName, BackendReport, GenerateResult, Latent, ProgressEvent, ScaleEvent } from '../types'
import { openModel } from '../weights/model'
import { holdLife } from './life'
import { openListener, type RemoteListener } from './listener'
import type { LossWatch } from './loss'
import { Queue } from './queue'

export interface LoadRequest {
  /** Absolute address of manifest.json. */
  readonly manifest: string
  readonly backend: 'auto' | BackendName
  readonly wasmPaths?: string | undefined
}

interface Loaded {
  readonly pipeline: Pipeline<Latent>
  /** On WebGPU. */
  readonly loss: LossWatch | undefined
}

const queue = new Queue()
/** A signal cannot cross to a worker: its call has a number, and `cancel` names it. */
const running = new Map<number, AbortController>()
let loaded: Loaded | undefined

const api = {
  async load(id: number, request: LoadRequest, onProgress?: RemoteListener<ProgressEvent>) {
    const progress = openListener(onProgress)
    return cancellable(id, progress, async (signal) => {
      const runtime = loadOrt(request.wasmPaths)
      // It loads while the manifest does; if that fails first, the runtime's own failure no longer matters.
      runtime.catch(() => {})
      fetchAhead(request.backend).catch(() => {})
      const listener = { progress: (event: ProgressEvent) => progress.call?.(event) }
      const { manifest, load, finish, close } = await openModel(request.manifest, listener, signal)
      try {
        const { platform, loss } = await choosePlatform(runtime, request.backend, manifest)
        const options = { load, signal, onProgress: progress.call }
        loaded = { pipeline: new Pipeline(await assemble(manifest, platform, options)), loss }
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
    onProgress?: RemoteListener<ProgressEvent>,
  ): Promise<GenerateResult> {
    const scales = openListener(onScale)
    const progress = openListener(onProgress)
    const listeners = { close: () => Promise.all([scales.close(), progress.close()]) }
    return cancellable(id, listeners, async (signal) => {
      const asked = performance.now()
      if (queue.length > 0) progress.call?.({ stage: 'queued' })
      const result = await queue.run(() => {
        if (!loaded) throw new EngineError('Disposed', 'This worker has no model. Create the engine again.')
        const queued = performance.now() - asked
        const listener = { signal, queued, onScale: scales.call, onProgress: progress.call }
        const { pipeline, loss } = loaded
        const draw = () => pipeline.generate(request, listener)
        return loss ? loss.guard(draw) : draw()
      }, signal)
      return transfer(result, [...new Set(result.images.map((image) => image.data.buffer))])
    })
  },

  cancel(id: number): void {
    running.get(id)?.abort()
  },

  hold: holdLife,
}

/** What the page may call; the page's side of it is inferred from this. */
export type EngineApi = typeof api

interface Chosen {
  /** The kind of latent is the platform's own affair from here on. */
  readonly platform: Platform<Latent>
  readonly loss?: LossWatch
}

/** A picture needs the code of one backend: each is a file of its own. */
const gpuCode = () => import('./gpu')
const cpuCode = () => import('../model/cpu')

/** Fetches the code of the backend that will most likely be chosen, while the manifest comes. */
async function fetchAhead(wanted: LoadRequest['backend']): Promise<void> {
  const gpu = wanted === 'wasm' ? undefined : await inspectGpu()
  await (gpu && (wanted === 'webgpu' || !gpu.software) ? gpuCode() : cpuCode())
}

/** Looks for a GPU while the runtime loads. */
async function choosePlatform(
  runtime: Promise<Ort>,
  wanted: LoadRequest['backend'],
  manifest: Manifest,
): Promise<Chosen> {
  const { report, device } = await chooseBackend(wanted, manifest.requires)
  if (!device) return onCpu(runtime, report)
  const { createGpuPlatform, LossWatch } = await arrived(gpuCode())
  try {
    const platform = await createGpuPlatform(await runtime, report, device)
    return { platform: platform as Platform<Latent>, loss: new LossWatch(device) }
  } catch (error) {
    if (wanted !== 'auto' || !isEngineError(error, 'NoWebGPU')) throw error
    device.destroy()
    return onCpu(runtime, { name: 'wasm', reason: error.message })
  }
}

async function onCpu(runtime: Promise<Ort>, report: BackendReport): Promise<Chosen> {
  const { createCpuPlatform } = await arrived(cpuCode())
  return { platform: createCpuPlatform(await runtime, report) as Platform<Latent> }
}

/** Throws `DownloadFailed`, in ORT's words: both are files of the app. */
async function arrived<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading
  } catch (cause) {
    throw new EngineError(
      'DownloadFailed',
      'A part of the engine could not be loaded. Check the network connection and that the files beside the worker were ' +
        'published; then try again.',
      { cause },
    )
  }
}

async function cancellable<T>(
  id: number,
  listeners: { close(): Promise<unknown> },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    return await work(controller.signal)
  } catch (error) {
    throw error instanceof EngineError ? error : unexpected(error)
  } finally {
    running.delete(id)
    await listeners.close()
  }
}

function unexpected(cause: unknown): EngineError {
  return new EngineError('ModelFailed', `Unexpectedly: ${String(cause)}. Try again, or try the other backend.`, {
    cause,
  })
}

// ORT's thread workers, where they are turned on, run this same script: they must not answer in the engine's place.
if (!(globalThis as { name?: string }).name?.startsWith('em-pthread')) expose(api)

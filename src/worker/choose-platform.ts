import { EngineError, isEngineError } from '../errors'
import type { Manifest } from '../manifest'
import type { PhasePlatform } from '../model/in-turn'
import type { Platform } from '../model/parts'
import { chooseBackend, inspectGpu } from '../runtime/device'
import type { Ort } from '../runtime/ort'
import type { BackendName, BackendReport, Latent } from '../types'
import type { DeviceLossGuard } from './device-loss'

/** Only the platform knows the kind of its latents from here on. */
export interface ChosenPlatform extends PhasePlatform<Latent> {
  /** On WebGPU. */
  readonly lossGuard?: DeviceLossGuard
}

/** A picture needs the code of one backend: each is a file of its own. */
const webGpuCode = () => import('./webgpu-backend')
const cpuCode = () => import('../model/cpu-platform')

/** The backend that will most likely be chosen. Its code is on the way from then on, while the manifest comes. */
export async function likelyBackend(wanted: 'auto' | BackendName): Promise<BackendName> {
  const gpu = wanted === 'wasm' ? undefined : await inspectGpu()
  const webgpu = gpu && (wanted === 'webgpu' || !gpu.software)
  ;(webgpu ? webGpuCode() : cpuCode()).catch(() => {})
  return webgpu ? 'webgpu' : 'wasm'
}

/**
 * Looks for a GPU while the runtime loads. `guard` is that of an earlier device of the same engine.
 *
 * @throws EngineError 'NoWebGPU' only if `webgpu` was asked for; 'DownloadFailed' where the backend's code cannot be
 * loaded.
 */
export async function choosePlatform(
  runtime: Promise<Ort>,
  wanted: 'auto' | BackendName,
  { requires }: Pick<Manifest, 'requires'>,
  guard?: DeviceLossGuard,
): Promise<ChosenPlatform> {
  const { report, device } = await chooseBackend(wanted, requires)
  if (!device) return onCpu(runtime, report)
  const { createGpuPlatform, DeviceLossGuard } = await loadedCode(webGpuCode())
  try {
    const platform = await createGpuPlatform(await runtime, report, device)
    const lossGuard = guard ?? new DeviceLossGuard()
    const unwatch = lossGuard.watch(device)
    function close(): void {
      unwatch()
      device?.destroy()
    }
    return { platform: platform as Platform<Latent>, lossGuard, close }
  } catch (error) {
    if (wanted !== 'auto' || !isEngineError(error, 'NoWebGPU')) throw error
    device.destroy()
    return onCpu(runtime, { name: 'wasm', reason: error.message })
  }
}

async function onCpu(runtime: Promise<Ort>, report: BackendReport): Promise<ChosenPlatform> {
  const { createCpuPlatform } = await loadedCode(cpuCode())
  return { platform: createCpuPlatform(await runtime, report) as Platform<Latent>, close() {} }
}

async function loadedCode<T>(loading: Promise<T>): Promise<T> {
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

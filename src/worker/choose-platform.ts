import { EngineError } from '../errors'
import { loadPart } from '../load-part'
import type { Manifest } from '../manifest'
import type { PhasePlatform } from '../model/in-turn'
import type { Platform } from '../model/parts'
import { chooseBuild } from '../runtime/builds'
import { chooseBackend, usableGpu } from '../runtime/device'
import { loadOrt } from '../runtime/ort'
import { startRuntime } from '../runtime/start'
import type { BackendName, BackendReport, Latent } from '../types'
import type { DeviceLossGuard } from './device-loss'

/** Only the platform knows the kind of its latents from here on. */
export interface ChosenPlatform extends PhasePlatform<Latent> {
  /** On WebGPU. */
  readonly lossGuard?: DeviceLossGuard
}

/** Where the engine is to run; `because`: why WASM is asked for. */
export interface WantedPlatform {
  readonly backend: 'auto' | BackendName
  readonly wasmPaths?: string | undefined
  readonly because?: string | undefined
}

/** A picture needs the code of one backend: each is a file of its own. */
const webGpuCode = () => loadPart('webgpu-backend', import('./webgpu-backend'))
const cpuCode = () => loadPart('cpu-platform', import('../model/cpu-platform'))

/** Starts to load what will most likely be needed, while the manifest comes. What fails, fails again where it is needed. */
export async function loadAhead({ backend, wasmPaths }: WantedPlatform): Promise<void> {
  const webgpu = await usableGpu(backend, { features: [], limits: {} })
  const ready = async (): Promise<void> => {
    const ort = loadOrt(webgpu ? 'webgpu' : 'wasm', wasmPaths)
    // Its threads are chosen before it starts.
    if (webgpu) void webGpuCode()
    else (await cpuCode()).chooseThreads(await ort)
    await startRuntime(await ort)
  }
  await ready().catch(() => {})
}

/**
 * Finds a GPU and what runs on it, or the processor. `auto` takes the processor for whatever fails on the GPU's side.
 * `guard` is that of an earlier device of the same engine.
 *
 * @throws EngineError 'NoWebGPU' only if `webgpu` was asked for; 'DownloadFailed' where the backend's code cannot be
 * loaded.
 */
export async function choosePlatform(
  wanted: WantedPlatform,
  { requires }: Pick<Manifest, 'requires'>,
  guard?: DeviceLossGuard,
): Promise<ChosenPlatform> {
  const { report, device } = await chooseBackend(wanted.backend, requires, wanted.because)
  if (!device) return onCpu(wanted, report)
  try {
    const { createGpuPlatform, DeviceLossGuard } = await webGpuCode()
    const { wasmPaths } = wanted
    const blobs = chooseBuild('webgpu', wasmPaths) === 'jspi'
    const platform = await createGpuPlatform(await loadOrt('webgpu', wasmPaths), report, device, blobs)
    const lossGuard = guard ?? new DeviceLossGuard()
    const unwatch = lossGuard.watch(device)
    function close(): void {
      unwatch()
      device?.destroy()
    }
    return { platform: platform as Platform<Latent>, lossGuard, close }
  } catch (error) {
    device.destroy()
    if (wanted.backend !== 'auto' || !(error instanceof EngineError)) throw error
    return onCpu(wanted, { name: 'wasm', reason: error.message })
  }
}

async function onCpu({ wasmPaths }: WantedPlatform, report: BackendReport): Promise<ChosenPlatform> {
  const [{ createCpuPlatform }, ort] = await Promise.all([cpuCode(), loadOrt('wasm', wasmPaths)])
  return { platform: createCpuPlatform(ort, report) as Platform<Latent>, close() {} }
}

import { CpuKernels, type CpuLatent } from '../kernels/cpu'
import { createCpuBridge } from '../runtime/cpu-bridge'
import type { Ort } from '../runtime/ort'
import { chooseThreads } from '../runtime/threads'
import type { BackendReport } from '../types'
import type { Platform } from './parts'

export { chooseThreads } from '../runtime/threads'

/** ORT's WASM and the kernels in TypeScript; in the browser and in Node. */
export function createCpuPlatform(ort: Ort, backend: BackendReport): Platform<CpuLatent> {
  const kernels = new CpuKernels()
  return {
    ort,
    backend: { ...backend, threads: chooseThreads(ort) },
    kernels,
    bridge: createCpuBridge(ort, (data, shape) => kernels.adopt(data, shape)),
  }
}

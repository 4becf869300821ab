import { createGpuKernels, type GpuLatent } from '../kernels/webgpu'
import { createGpuBridge } from '../runtime/gpu-bridge'
import type { Ort } from '../runtime/ort'
import type { BackendReport } from '../types'
import type { Platform } from './parts'

/** ORT's WebGPU and the kernels in WGSL, on one device: latents never leave it before the pixels are read. */
export async function createGpuPlatform(
  ort: Ort,
  backend: BackendReport,
  device: GPUDevice,
  blobs = false,
): Promise<Platform<GpuLatent>> {
  const kernels = await createGpuKernels(device)
  return {
    ort,
    backend,
    blobs,
    kernels,
    bridge: createGpuBridge(ort, device, (buffer, shape, release) => kernels.adopt(buffer, shape, release)),
    gpuIdle: () => device.queue.onSubmittedWorkDone(),
  }
}

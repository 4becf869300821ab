import { loadPart } from '../load-part'

/**
 * Compiles one kernel. WGSL varies only by `override` constants and its uniform struct, so sources are joined as they
 * are: shared functions first, the kernel last.
 *
 * @throws EngineError 'NoWebGPU' with the line, column and source of every compile error.
 */
export async function compileKernel(
  device: GPUDevice,
  label: string,
  sources: readonly string[],
): Promise<GPUComputePipeline> {
  const code = sources.join('\n')
  device.pushErrorScope('validation')
  const module = device.createShaderModule({ label, code })
  // What it says, the pipeline says as well.
  device.popErrorScope().catch(() => {})
  try {
    return await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'main' } })
  } catch (cause) {
    const { kernelProblem } = await loadPart('gpu-problems', import('./gpu-problems'))
    throw kernelProblem(label, code, (await module.getCompilationInfo()).messages, cause)
  }
}

import { EngineError } from '../errors'

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
  const [info, refusal] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()])
  const errors = info.messages.filter((message) => message.type === 'error')
  if (errors.length > 0 || refusal) {
    const lines = code.split('\n')
    const places = errors.map(
      ({ lineNum, linePos, message }) =>
        `${label}:${lineNum}:${linePos}: ${message}\n  ${lines[lineNum - 1]?.trim() ?? ''}`,
    )
    throw refused(label, places.join('\n') || refusal?.message)
  }
  try {
    return await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'main' } })
  } catch (cause) {
    throw refused(label, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function refused(label: string, detail: string | undefined, cause?: unknown): EngineError {
  const message = `This GPU did not take the kernel ${label}. Use the wasm backend, or update the browser.\n${detail ?? ''}`
  return new EngineError('NoWebGPU', message, { cause })
}

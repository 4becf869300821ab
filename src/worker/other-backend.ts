/** What the engine tries where `auto` chose a GPU that then failed; loaded then. */
import { EngineError } from '../errors'
import type { EngineProgress } from '../types'

/** A lost GPU is not among them: the page takes a fresh worker for it. */
const GPU_TROUBLE: readonly string[] = ['ModelFailed', 'OutOfMemory', 'NoWebGPU']

/** Whether a failure on the GPU may be the GPU's, or its build of ONNX Runtime's: the processor may do better. */
function mayWorkOnCpu({ name, message }: Error): boolean {
  return GPU_TROUBLE.includes(name) || message.startsWith('ONNX Runtime')
}

/**
 * Does `work` on the processor, which is told why, after something failed on the GPU.
 *
 * @throws EngineError `onGpu` itself where the processor would fail as well; with both reasons where it did.
 */
export async function otherBackend<T>(
  onGpu: unknown,
  onProgress: (event: EngineProgress) => void,
  work: (because: string) => Promise<T>,
): Promise<T> {
  if (!(onGpu instanceof Error) || !mayWorkOnCpu(onGpu)) throw onGpu
  onProgress({ stage: 'recovering', reason: onGpu.message })
  try {
    return await work(`WebGPU failed here: ${onGpu.message}`)
  } catch (error) {
    if (!(error instanceof EngineError) || !mayWorkOnCpu(error)) throw error
    const cause = new AggregateError([onGpu, error])
    throw new EngineError(error.name, `${error.message} And before, on the GPU: ${onGpu.message}`, { cause })
  }
}

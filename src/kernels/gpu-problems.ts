/** What a GPU refused, in words; loaded when it does. */
import { EngineError } from '../errors'

/** A device says that it is lost at most this much after the failures that the loss causes. */
const LOSS_DELAY_MS = 500

/**
 * Why a picture did not come: `cause` is an uncaptured GPUError, or what reading back rejected with.
 *
 * @returns EngineError 'DeviceLost' only for a device that says so; 'OutOfMemory'; 'ModelFailed'.
 */
export async function gpuProblem(device: GPUDevice, cause: unknown): Promise<EngineError> {
  const delay = new Promise<undefined>((resolve) => setTimeout(resolve, LOSS_DELAY_MS))
  if (await Promise.race([device.lost, delay])) {
    return new EngineError('DeviceLost', 'The GPU went away while a picture was drawn. Create the engine again.', {
      cause,
    })
  }
  const { message } = cause as Error
  const words = message.length > 300 ? `${message.slice(0, 300)}…` : message
  return (cause as Error).constructor.name === 'GPUOutOfMemoryError' || /out of memory/i.test(message)
    ? new EngineError(
        'OutOfMemory',
        `The GPU has not enough memory (${words}). Close other tabs, draw fewer or smaller pictures at once, or use the WASM ` +
          'backend.',
        { cause },
      )
    : new EngineError(
        'ModelFailed',
        `The GPU refused a step of the drawing (${words}). Use the WASM backend, or update the browser and its driver.`,
        { cause },
      )
}

/** Why a kernel was not compiled. */
export function kernelProblem(
  label: string,
  code: string,
  messages: readonly GPUCompilationMessage[],
  cause: unknown,
): EngineError {
  const lines = code.split('\n')
  const places = messages
    .filter(({ type }) => type === 'error')
    .map(
      ({ lineNum, linePos, message }) =>
        `${label}:${lineNum}:${linePos}: ${message}\n  ${lines[lineNum - 1]?.trim() ?? ''}`,
    )
  const detail =
    places.length > 0 ? places.join('\n') : cause instanceof Error ? cause.message : (cause as GPUError)?.message
  const message = `This GPU did not take the kernel ${label}. Use the wasm backend, or update the browser.\n${detail}`
  return new EngineError('NoWebGPU', message, { cause })
}

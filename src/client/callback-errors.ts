import { throwIfAborted } from '../errors'
import { anySignal } from '../signals'

/**
 * Runs a call whose callbacks may throw: the first error that one reports to `fail` cancels the call (its signal fires)
 * and becomes the call's result. A call whose own signal has fired was cancelled, whatever it failed with.
 *
 * @throws EngineError 'AbortError' once `signal` has fired; whatever the call threw.
 */
export async function withCallbackErrors<T>(
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal, fail: (error: unknown) => void) => Promise<T>,
): Promise<T> {
  const failed = new AbortController()
  try {
    const result = await call(anySignal(signal, failed.signal), (error) => failed.abort(error))
    failed.signal.throwIfAborted()
    return result
  } catch (error) {
    failed.signal.throwIfAborted()
    throwIfAborted(signal)
    throw error
  }
}

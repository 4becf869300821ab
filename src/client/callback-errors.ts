/**
 * Runs a call whose callbacks may throw: the first error that one reports to `fail` cancels the call (its signal fires)
 * and becomes the call's result.
 */
export async function withCallbackErrors<T>(
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal, fail: (error: unknown) => void) => Promise<T>,
): Promise<T> {
  const failed = new AbortController()
  try {
    const result = await call(signal ? AbortSignal.any([signal, failed.signal]) : failed.signal, (error) =>
      failed.abort(error),
    )
    failed.signal.throwIfAborted()
    return result
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error
  }
}

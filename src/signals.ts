/** Fires when one of the signals does. Chrome before 116 and Safari before 17.4 have no `AbortSignal.any`. */
export function anySignal(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  if (!signal) return other
  const both = [signal, other]
  try {
    return AbortSignal.any(both)
  } catch {
    // Missing; or a signal that a library makes in the browser's place.
  }
  const either = new AbortController()
  const fire = () => either.abort(both.find(({ aborted }) => aborted)?.reason)
  for (const each of both) each.addEventListener('abort', fire)
  if (signal.aborted || other.aborted) fire()
  return either.signal
}

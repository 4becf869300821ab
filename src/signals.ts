/** Fires when one of the signals does. Chrome before 116 and Safari before 17.4 have no `AbortSignal.any`. */
export function anySignal(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  if (!signal) return other
  const both = [signal, other]
  if (AbortSignal.any) return AbortSignal.any(both)
  const either = new AbortController()
  const fire = () => either.abort(both.find(({ aborted }) => aborted)?.reason)
  for (const each of both) each.addEventListener('abort', fire)
  if (signal.aborted || other.aborted) fire()
  return either.signal
}

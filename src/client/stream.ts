import { anySignal } from '../signals'
import type { GenerateResult, ScaleEvent } from '../types'
import { checkGiven } from './given'

/** Scales as they are drawn; `for await` sees the events, and `result` (also the iterator's return value) the end. */
export interface ScaleStream extends AsyncIterableIterator<ScaleEvent, GenerateResult> {
  readonly result: Promise<GenerateResult>
}

/**
 * Turns a drawing with callbacks into an async iterator. It begins at once. Leaving the loop early cancels the drawing
 * and waits until it has stopped; `result` then rejects with `AbortError`.
 */
export function scaleStream(
  draw: (onScale: (event: ScaleEvent) => void, signal: AbortSignal) => Promise<GenerateResult>,
  outer?: AbortSignal,
): ScaleStream {
  const left = new AbortController()
  const events: ScaleEvent[] = []
  let ended = false
  let wake = () => {}

  function onScale(event: ScaleEvent): void {
    events.push(event)
    wake()
  }

  // What is wrong with the signal is told by the result.
  const result = (async () => {
    checkGiven({ signal: outer })
    return draw(onScale, anySignal(outer, left.signal))
  })()
  const settled = result.then(
    () => {},
    // The iterator and `result` both reject; a caller that uses one must not see the other as unhandled.
    () => {},
  )
  void settled.then(() => {
    ended = true
    wake()
  })

  async function* iterate(): AsyncGenerator<ScaleEvent, GenerateResult, void> {
    try {
      for (;;) {
        const event = events.shift()
        if (event) yield event
        else if (ended) return await result
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      left.abort()
      await settled
    }
  }
  return Object.assign(iterate(), { result })
}

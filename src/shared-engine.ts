import { createEngine, type Engine } from './client/engine'
import type { BackendName } from './types'

export interface SharedEngine {
  readonly engine: Promise<Engine>
  /** Once; the last user's ends it. */
  leave(): void
}

interface Kept {
  readonly engine: Promise<Engine>
  /** Ends its loading. */
  readonly stop: AbortController
  users: number
}

/** By backend and model. */
const engines = new Map<string, Kept>()

/**
 * The page's engine of this model on this backend, made for the first that asks. It ends a turn of the event loop after
 * the last one left: what moves on the page, or mounts twice as under React's StrictMode, finds it again.
 */
export function shareEngine(model: string, backend: BackendName | 'auto'): SharedEngine {
  const key = `${backend} ${model}`
  const kept = engines.get(key) ?? start(key, model, backend)
  kept.users++
  return {
    engine: kept.engine,
    leave() {
      kept.users--
      setTimeout(() => {
        if (kept.users > 0 || engines.get(key) !== kept) return
        engines.delete(key)
        kept.stop.abort()
        kept.engine.then((engine) => engine.dispose()).catch(() => {})
      })
    },
  }
}

function start(key: string, model: string, backend: BackendName | 'auto'): Kept {
  const stop = new AbortController()
  const kept = { engine: createEngine({ model, backend, signal: stop.signal }), stop, users: 0 }
  engines.set(key, kept)
  // One that could not be made is made anew by whoever asks next.
  kept.engine.catch(() => {
    if (engines.get(key) === kept) engines.delete(key)
  })
  return kept
}

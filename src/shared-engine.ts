import { createEngine, type Engine, type EngineOptions } from './client/engine'

/** What elements and hooks may say of their engine. */
export type SharedOptions = Pick<EngineOptions, 'backend'> & {
  /** Address of the engine's worker; only the first that asks for a model is heard. */
  readonly worker?: string | undefined
}

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
export function shareEngine(model: string, options: SharedOptions): SharedEngine {
  const key = `${options.backend} ${model}`
  const kept = engines.get(key) ?? start(key, model, options)
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

function start(key: string, model: string, options: SharedOptions): Kept {
  const stop = new AbortController()
  const kept = { engine: createEngine({ model, ...options, signal: stop.signal }), stop, users: 0 }
  engines.set(key, kept)
  // One that could not be made is made anew by whoever asks next.
  kept.engine.catch(() => {
    if (engines.get(key) === kept) engines.delete(key)
  })
  return kept
}

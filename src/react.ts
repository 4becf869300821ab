/**
 * `scalewise/react`: a hook, in an entry of its own. All hooks and elements of one model share an engine.
 *
 *     const { picture, drawing, error } = useImage({ model: '/models/emoji', prompt })
 *
 * @module scalewise/react
 */
import { useEffect, useState } from 'react'
import { shareEngine } from './shared-engine'
import type { BackendName, GenerateResult, Picture } from './types'

export interface ImageRequest {
  /** As `createEngine` takes it: an address. */
  readonly model: string
  readonly backend?: BackendName | 'auto' | undefined
  /** Address of the engine's worker, where the bundler cannot see the built-in one. */
  readonly worker?: string | undefined
  /** Nothing is loaded or drawn without one. */
  readonly prompt: string | undefined
  /** Default 0: the same picture at each visit. */
  readonly seed?: number | bigint | undefined
  readonly schedule?: string | undefined
  readonly style?: string | undefined
}

export interface ImageState {
  /** The newest scale while it draws, then the whole picture; the one before stays until there is another. */
  readonly picture?: Picture | undefined
  /** Of the finished picture. */
  readonly result?: GenerateResult | undefined
  readonly drawing: boolean
  /** Why it was not drawn: an EngineError. */
  readonly error?: Error | undefined
}

/**
 * Draws the request, and again whenever it changes: what was under way is cancelled, and so it is when the component goes.
 * `drawTo(canvas, picture)` of `scalewise/picture` puts the picture on a canvas.
 */
export function useImage({
  model,
  backend = 'auto',
  worker,
  prompt,
  seed = 0,
  schedule,
  style,
}: ImageRequest): ImageState {
  const [state, setState] = useState<ImageState>({ drawing: false })
  useEffect(() => {
    if (prompt === undefined) {
      setState({ drawing: false })
      return undefined
    }
    const running = new AbortController()
    const { signal } = running
    const shared = shareEngine(model, { backend, worker })
    const set = (next: (before: ImageState) => ImageState): void => {
      if (!signal.aborted) setState(next)
    }
    set(({ picture }) => ({ picture, drawing: true }))
    shared.engine
      .then((engine) =>
        engine.generate({
          prompt,
          seed,
          ...(schedule && { schedule }),
          ...(style && { style }),
          signal,
          onScale: ({ previews: [picture] }) => set((before) => ({ ...before, ...(picture && { picture }) })),
        }),
      )
      .then((result) => set(() => ({ picture: result.image, result, drawing: false })))
      .catch((error: Error) => set(({ picture }) => ({ picture, error, drawing: false })))
    return () => {
      running.abort()
      shared.leave()
    }
  }, [model, backend, worker, prompt, seed, schedule, style])
  return state
}

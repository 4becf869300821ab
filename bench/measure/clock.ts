import type { Manifest } from '../../src/manifest'
import type { Ort, Session } from '../../src/runtime/ort'

export type GraphName = 'text' | 'denoiser' | 'decoder'

/** One call of one of the three graphs. */
export interface OrtRun {
  readonly graph: GraphName
  readonly ms: number
  /** What the kernels had dispatched when it began. */
  readonly dispatches: number
}

export interface Clock {
  /** ONNX Runtime whose sessions are timed; all else is as it was. */
  readonly ort: Ort
  /** The calls since the last look, in order. */
  take(): OrtRun[]
}

export interface Watched {
  dispatches(): number
  /** On a GPU: resolves when it is idle. A call's time then is that until its work is done. */
  settled(): Promise<unknown>
}

/** A stopwatch on every session. The GPU is idle when a call begins, so that nobody else's work counts as ORT's. */
export function watchOrt(ort: Ort, manifest: Manifest, watched: Watched): Clock {
  let runs: OrtRun[] = []

  function nameOf(session: Session): GraphName {
    if (session.outputNames.includes(manifest.denoiser.output)) return 'denoiser'
    return session.outputNames.includes(manifest.decoder.output) ? 'decoder' : 'text'
  }

  function watch(session: Session): Session {
    const graph = nameOf(session)
    const run = session.run.bind(session) as (...args: unknown[]) => ReturnType<Session['run']>
    const timed = async (...args: unknown[]) => {
      await watched.settled()
      const dispatches = watched.dispatches()
      const started = performance.now()
      const result = await run(...args)
      await watched.settled()
      const ms = performance.now() - started
      runs.push({ graph, ms, dispatches })
      return result
    }
    return Object.assign(session, { run: timed })
  }

  const create = async (...args: unknown[]): Promise<Session> =>
    watch(await (ort.InferenceSession.create as (...args: unknown[]) => Promise<Session>)(...args))
  return {
    ort: { ...ort, InferenceSession: { create } } as unknown as Ort,
    take() {
      const taken = runs
      runs = []
      return taken
    },
  }
}

/** Milliseconds that the calls of one graph took together. */
export function msOf(runs: readonly OrtRun[], graph: GraphName): number {
  return runs.reduce((sum, run) => sum + (run.graph === graph ? run.ms : 0), 0)
}

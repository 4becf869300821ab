import { EngineError, shown } from '../errors'
import { builtInWorker } from './built-in-worker'

/** Address of a worker's script, relative to the page, or what makes the worker. */
export type WorkerSource = string | URL | (() => Worker)

/** @throws EngineError 'WorkerCrashed' where the browser refuses a worker, or the app makes something else. */
export function startWorker(source: WorkerSource = builtInWorker): Worker {
  try {
    // `name` and `type` as the built-in worker has them.
    const worker = typeof source === 'function' ? source() : new Worker(source, { type: 'module', name: 'scalewise' })
    if (typeof worker?.addEventListener === 'function') return worker
    throw shown(worker)
  } catch (cause) {
    throw new EngineError(
      'WorkerCrashed',
      `The engine's worker could not be started (${String(cause)}). It needs a browser. If its script is missing, ` +
        "pass createEngine another 'worker'.",
      { cause },
    )
  }
}

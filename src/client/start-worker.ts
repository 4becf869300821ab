import { EngineError, shown } from '../errors'
import { builtInWorker } from './built-in-worker'

/** @throws EngineError 'WorkerCrashed' where the browser refuses a worker, or the app makes something else. */
export function startWorker(make: () => Worker = builtInWorker): Worker {
  try {
    const worker = make()
    if (typeof worker?.addEventListener === 'function') return worker
    throw shown(worker)
  } catch (cause) {
    throw new EngineError(
      'WorkerCrashed',
      `The engine's worker could not be started (${String(cause)}). It needs a browser. If its script is missing, ` +
        "pass createEngine a 'worker' that your bundler knows.",
      { cause },
    )
  }
}

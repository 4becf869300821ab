import { EngineError } from '../errors'
import { builtInWorker } from './built-in-worker'

/** @throws EngineError 'WorkerCrashed' where the browser refuses a worker. */
export function startWorker(make: () => Worker = builtInWorker): Worker {
  try {
    return make()
  } catch (cause) {
    throw new EngineError(
      'WorkerCrashed',
      `The engine's worker could not be started (${String(cause)}). It needs a browser. If its script is missing, ` +
        "pass createEngine a 'worker' that your bundler knows.",
      { cause },
    )
  }
}

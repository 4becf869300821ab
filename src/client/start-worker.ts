import { EngineError } from '../errors'

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

/** Literal, so that bundlers see it. */
function builtInWorker(): Worker {
  return new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module', name: 'scalewise' })
}

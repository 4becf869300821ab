/** Literal, so that bundlers see it. */
export function builtInWorker(): Worker {
  return new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module', name: 'scalewise' })
}

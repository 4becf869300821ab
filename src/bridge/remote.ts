import { expose, type Remote, transfer, wrap } from 'comlink'

export type { Remote } from 'comlink'

/** On the page: the functions that a worker serves, as functions that return promises. */
export function connectTo<Api>(worker: Worker): Remote<Api> {
  return wrap<Api>(worker)
}

/**
 * In the worker: serves functions to the page. ORT's thread workers, where they are turned on, run this same script:
 * they must not answer in the engine's place.
 */
export function serve(api: object): void {
  if (!(globalThis as { name?: string }).name?.startsWith('em-pthread')) expose(api)
}

/** In the worker: marks buffers of a result to be moved to the page, not copied. */
export function moving<T extends object>(result: T, buffers: readonly ArrayBuffer[]): T {
  return transfer(result, [...new Set(buffers)])
}

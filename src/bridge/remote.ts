import { type Remote, transfer, wrap } from 'comlink'

/** In the worker: serves functions to the page. */
export { expose as serve, type Remote } from 'comlink'

/** On the page: the functions that a worker serves, as functions that return promises. */
export function connectTo<Api>(worker: Worker): Remote<Api> {
  return wrap<Api>(worker)
}

/** In the worker: marks buffers of a result to be moved to the page, not copied. */
export function moving<T extends object>(result: T, buffers: readonly ArrayBuffer[]): T {
  return transfer(result, [...new Set(buffers)])
}

import { anySignal } from '../signals'

/** Runs work that ends older work of its group. Without a group it is only run. */
export type Latest = <T>(
  group: string | undefined,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
) => Promise<T>

export function createLatest(): Latest {
  const newest = new Map<string, AbortController>()
  return async (group, signal, work) => {
    if (group === undefined) return work(signal)
    const ours = new AbortController()
    newest.get(group)?.abort(`a newer request of '${group}' took its place`)
    newest.set(group, ours)
    try {
      return await work(anySignal(signal, ours.signal))
    } finally {
      if (newest.get(group) === ours) newest.delete(group)
    }
  }
}

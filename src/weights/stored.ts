import { type ModelRecord, type StoredVersion, storedBytes, type WeightStore } from './store'
import type { ExpectedFile } from './verify'

/** Bytes that this origin may still store; undefined where the browser does not tell. */
export async function freeBytes(): Promise<number | undefined> {
  const estimate = await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)
  if (estimate?.quota === undefined || estimate.usage === undefined) return undefined
  return Math.max(0, estimate.quota - estimate.usage)
}

/** The version of a model that runs without a network: the newest of which all files are there, else the newest. */
export async function usableVersion(store: WeightStore, { versions }: ModelRecord): Promise<StoredVersion> {
  for (const version of versions) if (await isWhole(store, version)) return version
  return versions[0]
}

export async function isWhole(store: WeightStore, { files }: { files: readonly ExpectedFile[] }): Promise<boolean> {
  const records = await Promise.all(files.map(({ sha256 }) => store.file(sha256)))
  return records.every((record) => record?.complete)
}

/** The files of which something is missing, and how many bytes. */
export async function missingFiles(
  store: WeightStore,
  files: readonly ExpectedFile[],
): Promise<{ path: string; bytes: number }[]> {
  const all = await Promise.all(
    files.map(async ({ path, bytes, sha256 }) => ({ path, bytes: bytes - storedBytes(await store.file(sha256)) })),
  )
  return all.filter(({ bytes }) => bytes > 0)
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`
}

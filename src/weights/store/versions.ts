/** The versions of a model in the store: which one runs, what is missing of it, and what replaces it. */
import type { ExpectedFile } from './verify'
import { type ModelRecord, type StoredVersion, storedBytes, type WeightStore } from './weight-store'

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

/**
 * Makes a version the one wanted; the newest whole one stays beside it. To be called before its first file arrives, so
 * that no other tab takes the files for left-overs.
 */
export async function rememberVersion(store: WeightStore, address: string, version: StoredVersion): Promise<void> {
  const record = await store.model(address)
  const others = record?.versions.filter((old) => JSON.stringify(old.manifest) !== JSON.stringify(version.manifest))
  const whole: StoredVersion[] = []
  for (const old of others ?? []) if (whole.length === 0 && (await isWhole(store, old))) whole.push(old)
  await store.putModel(address, { versions: [version, ...whole], usedAt: Date.now() })
}

/** Forgets the versions that this one replaces, and frees the files that only they named. */
export async function keepOnlyVersion(store: WeightStore, address: string, version: StoredVersion): Promise<void> {
  await store.putModel(address, { versions: [version], usedAt: Date.now() })
  const stored = await store.files()
  if (stored.every((sha256) => version.files.some((file) => file.sha256 === sha256))) return
  // The code is loaded only where there are files of others, left over or not. Without it they wait.
  const evict = await import('./evict').catch(() => undefined)
  await evict?.sweep(store)
}

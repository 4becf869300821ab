import { fileLock, heldLocks, modelLock, tryAlone } from './locks'
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

/** Frees every file that no model names, except those that a tab downloads just now. Resolves to the bytes freed. */
export async function sweep(store: WeightStore): Promise<number> {
  const named = new Set<string>()
  for (const { versions } of (await store.models()).values()) {
    for (const { files } of versions) for (const { sha256 } of files) named.add(sha256)
  }
  let freed = 0
  for (const sha256 of await store.files()) {
    if (!named.has(sha256)) freed += (await tryAlone(fileLock(sha256), () => store.dropFile(sha256))) ?? 0
  }
  return freed
}

/**
 * Frees models until `bytes` are free, the least recently used first; never the one at `address`, nor one that an
 * engine has in any tab. Where even all of them would not be enough, none is freed. Resolves to whether it was enough.
 */
export async function makeRoom(
  store: WeightStore,
  address: string,
  bytes: number,
  warn: (message: string) => void,
): Promise<boolean> {
  let freed = await sweep(store)
  const models = await store.models()
  const held = await heldLocks()
  const spare = [...models]
    .filter(([other]) => other !== address && !held.has(modelLock(other)))
    .sort(([, one], [, other]) => one.usedAt - other.usedAt)
  const kept = filesOf([...models].filter(([other]) => !spare.some(([name]) => name === other)))
  let sparable = 0
  for (const sha256 of filesOf(spare)) if (!kept.has(sha256)) sparable += storedBytes(await store.file(sha256))
  if (freed + sparable < bytes) return false
  for (const [other, { versions }] of spare) {
    if (freed >= bytes) break
    const room = await tryAlone(modelLock(other), async () => {
      await store.dropModel(other)
      return sweep(store)
    })
    if (room === undefined) continue
    freed += room
    warn(`To make room, the stored model '${versions[0].name}' was removed (${megabytes(room)}); it was not in use.`)
  }
  return freed >= bytes
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`
}

function filesOf(models: readonly (readonly [string, ModelRecord])[]): Set<string> {
  return new Set(models.flatMap(([, { versions }]) => versions.flatMap(({ files }) => files.map((f) => f.sha256))))
}

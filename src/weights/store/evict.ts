/** Freeing what is stored: loaded when there is something to free. */
import { fileLock, heldLocks, modelLock, tryAlone } from '../tabs/locks'
import { megabytes } from './quota'
import { type ModelRecord, storedBytes, type WeightStore } from './weight-store'

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
export async function evictModels(
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

function filesOf(models: readonly (readonly [string, ModelRecord])[]): Set<string> {
  return new Set(models.flatMap(([, { versions }]) => versions.flatMap(({ files }) => files.map((f) => f.sha256))))
}

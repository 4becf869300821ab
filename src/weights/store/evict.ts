/** Freeing what is stored: loaded when there is something to free, or no room for what is to come. */

import { heldLocks } from '../tabs/held-locks'
import { modelLock, tryAlone } from '../tabs/locks'
import type { BestEffortStore } from './best-effort-store'
import type { KeyValues } from './database'
import { megabytes } from './quota'
import { addressesIn, fileIn, modelIn, partsIn, UnreadableRecord, unlessNewer, unlessUnreadable } from './read-records'
import { missingFiles, storedBytes, storedModels } from './read-stored'
import { type FileRecord, keyOf, type ModelRecord, type PartRecord, sumOf } from './records'
import { asideOf, stopWriting } from './trouble'
import type { ExpectedFile } from './verify'
import type { WeightStore } from './weight-store'

/** Frees every file that no model names. Resolves to the bytes freed. */
export function sweep(store: WeightStore): Promise<number> {
  return store.transact('readwrite', async (values) => {
    const named = await namedIn(values)
    const keys = await Promise.all(['files/', 'parts/', 'chunks/', 'file/', 'chunk/'].map((each) => values.keys(each)))
    const stored = new Set(keys.flat().map((key) => key.split('/')[1] as string))
    let freed = 0
    for (const sha256 of stored) freed += await freeFile(values, sha256, named)
    return freed
  })
}

/**
 * Forgets a model and frees what it alone named; of a damaged record, also one put aside, what it may have named. Resolves to the bytes freed.
 *
 * @throws UnreadableRecord of a newer release
 */
export function deleteFrom(
  store: WeightStore,
  address: string,
  unless: (record: ModelRecord) => boolean = () => false,
): Promise<number> {
  return store.transact('readwrite', async (values) => {
    const record = await modelIn(values, address).catch(unlessNewer)
    if (record && unless(record)) return 0
    const keys = [keyOf.model(address), keyOf.oldModel(address)]
    const damaged = keys.map(asideOf).concat(record ? [] : keys)
    const hashes = [...(record ? filesOf([record]) : []), ...(await hashesIn(values, damaged))]
    for (const key of [...keys, ...damaged]) values.delete(key)
    const named = await namedIn(values)
    let freed = 0
    for (const sha256 of hashes) freed += await freeFile(values, sha256, named)
    return freed
  })
}

/**
 * Frees models until there is room for `bytes` of the one at `address`, the least recently used first; never one that an
 * engine has in any tab. Where even all of them would not be enough for its `files`, none is freed. Resolves to whether
 * it was enough.
 */
export async function makeRoom(
  store: WeightStore,
  address: string,
  files: readonly ExpectedFile[],
  bytes: number,
  warn: (message: string) => void,
): Promise<boolean> {
  // Without locks nobody knows what other tabs have.
  if (!(await heldLocks())) return false
  let freed = await sweep(store)
  const spare = await spareModels(store, address)
  const needed = sumOf(await missingFiles(store, files, address))
  if (freed + (await sparableBytes(store, address)) < needed) return false
  for (const [other, { versions, usedAt }] of spare) {
    if (freed >= bytes) break
    const room = await tryAlone(modelLock(other), () => deleteFrom(store, other, (record) => record.usedAt !== usedAt))
    if (!room) continue
    freed += room
    warn(`To make room, the stored model '${versions[0].name}' was removed (${megabytes(room)}); it was not in use.`)
  }
  return freed >= bytes
}

/** Bytes that would be free without the models that nobody has. */
async function sparableBytes(store: WeightStore, address: string): Promise<number> {
  const spare = await spareModels(store, address)
  const spared = new Set(spare.map(([name]) => name))
  const kept = filesOf(
    [...(await storedModels(store))].filter(([name]) => !spared.has(name)).map(([, record]) => record),
  )
  const counted = new Set<string>()
  let bytes = 0
  for (const [name, { versions }] of spare) {
    for (const file of versions.flatMap(({ files }) => files)) {
      if (kept.has(file.sha256) || counted.has(file.sha256)) continue
      counted.add(file.sha256)
      bytes += await storedBytes(store, file, name)
    }
  }
  return bytes
}

/**
 * Where `free` bytes are too few for a model: stops storing if there can be no room for what is missing of it. Nothing is
 * freed for it yet: so far it is a claim.
 */
export async function stopWithoutRoom(
  bestEffort: BestEffortStore,
  address: string,
  files: readonly ExpectedFile[],
  free: number,
): Promise<void> {
  await bestEffort.read(async (store) => {
    const needed = sumOf(await missingFiles(store, files, address))
    if (free >= needed || free + (await sparableBytes(store, address)) >= needed) return
    stopWriting(bestEffort, `it needs ${megabytes(needed)}, and ${megabytes(Math.max(0, free))} are free`)
  })
}

/** The least recently used first. */
async function spareModels(store: WeightStore, address: string): Promise<[string, ModelRecord][]> {
  const held = await heldLocks()
  return [...(await storedModels(store))]
    .filter(([other]) => other !== address && held?.includes(modelLock(other)) === false)
    .sort(([, one], [, other]) => one.usedAt - other.usedAt)
}

/**
 * For each file that a model names, the addresses of its models. A record that this release cannot read counts for every
 * hash that stands in it.
 */
async function namedIn(values: KeyValues): Promise<Map<string, Set<string>>> {
  const named = new Map<string, Set<string>>()
  for (const address of await addressesIn(values)) {
    const record = await modelIn(values, address).catch(unlessUnreadable)
    const hashes = record ? filesOf([record]) : await hashesIn(values, [keyOf.model(address), keyOf.oldModel(address)])
    for (const sha256 of hashes) named.set(sha256, (named.get(sha256) ?? new Set()).add(address))
  }
  return named
}

async function hashesIn(values: KeyValues, keys: readonly string[]): Promise<Set<string>> {
  const texts = await Promise.all(keys.map(async (key) => JSON.stringify(await values.get(key)) ?? ''))
  return new Set(texts.join().match(/[0-9a-f]{64}/g))
}

/** Frees what no model has of a file: all of it, or the parts of models that are gone and chunks that nothing names. */
async function freeFile(values: KeyValues, sha256: string, named: Map<string, Set<string>>): Promise<number> {
  const owners = named.get(sha256)
  let record: FileRecord | undefined
  let parts: PartRecord[] = []
  try {
    record = await fileIn(values, sha256)
    parts = await partsIn(values, sha256)
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error
    // Which chunks it names is not known. It is somebody's; a damaged one of nobody's goes with all its chunks.
    if (owners || error.newer) return 0
  }
  const isAlive = (part: PartRecord): boolean => owners?.has(part.owner) === true
  const kept = [...(owners && record ? record.chunks : []), ...parts.filter(isAlive).flatMap(({ chunks }) => chunks)]
  const keptKeys = new Set(kept.map((chunk) => keyOf.chunk(sha256, chunk)))
  const chunks = [...(record?.chunks ?? []), ...parts.flatMap((part) => part.chunks)]
  const sizes = new Map(chunks.map((chunk) => [keyOf.chunk(sha256, chunk), chunk.bytes]))
  let freed = 0
  for (const key of [...(await values.keys(`chunks/${sha256}/`)), ...(await values.keys(`chunk/${sha256}/`))]) {
    if (keptKeys.has(key)) continue
    values.delete(key)
    freed += sizes.get(key) ?? 0
  }
  const alive = new Set(parts.filter(isAlive).map(({ place }) => keyOf.part(sha256, place)))
  for (const key of await values.keys(keyOf.part(sha256, ''))) if (!alive.has(key)) values.delete(key)
  if (!owners) for (const key of [keyOf.file(sha256), keyOf.oldFile(sha256)]) values.delete(key)
  return freed
}

function filesOf(models: readonly ModelRecord[]): Set<string> {
  return new Set(models.flatMap(({ versions }) => versions.flatMap(({ files }) => files.map(({ sha256 }) => sha256))))
}

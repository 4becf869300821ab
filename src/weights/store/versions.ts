/** The versions of a model in the store: which one runs, what is missing of it, and what replaces it. */

import { heldLocks } from '../tabs/held-locks'
import { modelLock } from '../tabs/locks'
import { modelIn, unlessUnreadable } from './read-records'
import { storedFile, storedModel } from './read-stored'
import { keyOf, type ModelRecord, RECORD_FORMAT, type StoredVersion } from './records'
import type { ExpectedFile } from './verify'
import type { WeightStore } from './weight-store'

/** The version of a model that runs without a network: the newest of which all files are there, else the newest. */
export async function usableVersion(store: WeightStore, address: string): Promise<StoredVersion | undefined> {
  const versions = (await storedModel(store, address))?.versions ?? []
  for (const version of versions) if (await isWhole(store, version)) return version
  return versions[0]
}

/**
 * The usable version as `parse` reads it, and whether it is whole; undefined for what another release stored and this one
 * cannot read.
 */
export async function readableVersion<T>(
  store: WeightStore,
  address: string,
  parse: (version: StoredVersion) => Promise<T>,
): Promise<(T & { whole: boolean }) | undefined> {
  const version = await usableVersion(store, address)
  if (!version) return undefined
  const found = await parse(version).catch(() => undefined)
  return found && { ...found, whole: await isWhole(store, version) }
}

/** Why the stored manifest is used. */
export function wordsOfStored(problem: string): string {
  return `The server's model did not come (${problem}). The stored model is used.`
}

/** A record that cannot be read counts as missing: what it means for the model is told when it is used. */
export async function isWhole(store: WeightStore, { files }: { files: readonly ExpectedFile[] }): Promise<boolean> {
  for (const { sha256, bytes } of files) {
    const record = await storedFile(store, sha256).catch(unlessUnreadable)
    if (!record?.complete || record.bytes !== bytes) return false
  }
  return true
}

/** Makes a version the one wanted; the others stay beside it. */
export async function rememberBeside(store: WeightStore, address: string, version: StoredVersion): Promise<void> {
  await store.transact('readwrite', async (values) => {
    const others = (await modelIn(values, address))?.versions.filter((other) => !isSame(other, version)) ?? []
    const versions = [version, ...others] as const
    values.set(keyOf.model(address), { format: RECORD_FORMAT, versions, usedAt: Date.now() } satisfies ModelRecord)
  })
}

/**
 * Forgets the versions that this one replaces, and frees the files that only they named; unless another tab has the
 * model, perhaps in one of them. A version that was wanted after this one stays, and so do other graphs of the same one.
 */
export async function keepOnlyVersion(store: WeightStore, address: string, version: StoredVersion): Promise<void> {
  const users = (await heldLocks())?.filter((name) => name === modelLock(address))
  if (users?.length !== 1) return
  const replaced = await store.transact('readwrite', async (values) => {
    const record = await modelIn(values, address)
    const at = record?.versions.findIndex((other) => isSame(other, version)) ?? -1
    if (!record || at < 0) return false
    const [first, ...others] = record.versions
    const kept = others.filter((other, i) => i + 1 <= at || manifestOf(other) === manifestOf(version))
    if (kept.length === others.length) return false
    values.set(keyOf.model(address), {
      ...record,
      format: RECORD_FORMAT,
      versions: [first, ...kept],
    } satisfies ModelRecord)
    return true
  })
  if (!replaced) return
  // The code is loaded only where there is something to free. Without it that waits.
  const evict = await import('./evict').catch(() => undefined)
  await evict?.sweep(store)
}

function isSame(one: StoredVersion, other: StoredVersion): boolean {
  return manifestOf(one) === manifestOf(other) && JSON.stringify(one.files) === JSON.stringify(other.files)
}

function manifestOf({ manifest }: StoredVersion): string {
  return JSON.stringify(manifest)
}

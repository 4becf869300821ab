/** What is rarely to be said or done around the loading of a model. */
import { isEngineError } from '../errors'
import type { DownloadOptions } from './net/receive'
import type { BestEffortStore } from './store/best-effort-store'
import { type StoredVersion, sumOf } from './store/records'
import type { ExpectedFile } from './store/verify'
import { warnOfTabs } from './tabs/announce'
import { locksWork } from './tabs/locks'

/** Stops storing where the browser says that there can be no room, and says where it hides tabs from each other. */
export async function lookAhead(
  bestEffort: BestEffortStore,
  address: string,
  files: readonly ExpectedFile[],
): Promise<void> {
  // Outside https there are no locks.
  if (globalThis.isSecureContext && !locksWork()) warnOfTabs(bestEffort.warn)
  const free = await freeBytes()
  if (free < sumOf(files)) await (await import('./store/evict')).stopWithoutRoom(bestEffort, address, files, free)
}

/** After a file was wrong, past any cache; after that or a refusal, from the other places that it may lie at. */
export async function downloadAgain(
  error: unknown,
  download: (change: Partial<DownloadOptions>) => Promise<void>,
  elsewhere: readonly string[],
): Promise<void> {
  let last = error
  const again: Partial<DownloadOptions>[] = elsewhere.map((url) => ({ url }))
  if (isEngineError(error, 'CorruptFile')) again.unshift({ cache: 'reload' })
  for (const change of again) {
    if (!isOfServer(last)) break
    try {
      return await download(change)
    } catch (another) {
      last = another
    }
  }
  throw last
}

function isOfServer(error: unknown): error is Error {
  return isEngineError(error, 'DownloadFailed') || isEngineError(error, 'CorruptFile')
}

/**
 * Why another version of a model, which is stored as a whole, is used in place of the server's: that was found, but not
 * all of its files. Undefined where there is none, or where something else failed.
 */
export async function otherVersion(
  bestEffort: BestEffortStore,
  address: string,
  { files }: StoredVersion,
  error: unknown,
): Promise<string | undefined> {
  if (!isOfServer(error)) return undefined
  const stored = await bestEffort.read(async (store) => {
    const { isWhole, usableVersion } = await import('./store/versions')
    const version = await usableVersion(store, address)
    return version && (await isWhole(store, version)) ? version : undefined
  })
  return stored && JSON.stringify(stored.files) !== JSON.stringify(files) ? error.message : undefined
}

/** Bytes that this origin may still store; NaN where the browser does not say. */
async function freeBytes(): Promise<number> {
  const { quota, usage } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {}
  return Number(quota) - Number(usage)
}

/** `DownloadFailed` that says what is missing offline. */
export async function whatIsMissing(
  ...failure: Parameters<typeof import('./net/offline').offlineError>
): Promise<unknown> {
  const offline = await import('./net/offline').catch(() => undefined)
  return offline?.offlineError(...failure)
}

/** Code that a later visit may need while it has no network. */
export function fetchForLater(): void {
  const codes = [
    () => import('./store/versions'),
    () => import('./store/replace'),
    () => import('./store/trouble'),
    () => import('./store/try-again'),
    () => import('./net/offline'),
    () => import('./net/continue-download'),
  ]
  // Where it fails, the next visit tries.
  for (const code of codes) code().catch(() => {})
}

import { placeOf } from '../address'
import { isEngineError } from '../errors'
import type { Manifest } from '../manifest'
import type { EngineProgress } from '../types'
import { waits } from '../waits'
import { createFileLoader, type FileLoader } from './load-files'
import { type ChooseVariant, type FoundManifest, findManifest } from './net/fetch-manifest'
import { isOffline, type Network } from './net/retry'
import { fetchForLater, lookAhead, otherVersion, whatIsMissing } from './rarely'
import { createBestEffortStore } from './store/best-effort-store'
import type { StoredVersion } from './store/records'
import { createWeightStore, type WeightStore } from './store/weight-store'
import { hold, modelLock } from './tabs/locks'

export type { ChooseVariant, FoundManifest } from './net/fetch-manifest'

export interface OpenModel {
  readonly manifest: Manifest
  readonly load: FileLoader
  /**
   * After a file failed: why another version, which is stored as a whole, can stand in for this one; undefined where none
   * can.
   */
  otherVersion(error: unknown): Promise<string | undefined>
  /** To be called when the model runs: frees what an older version left. Resolves to whether all of it is stored. */
  finish(): Promise<boolean>
  /** To be called once a picture, or all that was wanted, is there: fetches code that a later visit may need offline. */
  fetchForLater(): void
  /** The model counts as in use until then, or until the tab or worker ends. */
  close(): void
}

/** Which graphs are wanted, and what tests put in place of the browser's. */
export interface OpenOptions extends Partial<Omit<Network, 'progress'>> {
  readonly store?: WeightStore
  readonly chunkBytes?: number
  readonly choose?: ChooseVariant
  /** Hash of the terms that a person has accepted. */
  readonly acceptLicence?: string | undefined
  /** Why the stored version is wanted and not the server's. */
  readonly stored?: string | undefined
  /** Address of the page, which files lie beside where the manifest is no file: `blob:`, `data:`. */
  readonly page?: string | undefined
}

/**
 * Finds a model's manifest and changes nothing.
 *
 * @throws EngineError as `findManifest` does.
 */
export function lookUpModel(address: string, signal: AbortSignal, choose: ChooseVariant): Promise<FoundManifest> {
  const progress = () => {}
  const store = createBestEffortStore(createWeightStore(), progress, async () => false)
  return findManifest(address, store, { ...waits, progress }, signal, choose)
}

/**
 * Finds a model's manifest, marks the model as in use and makes room for what is missing of it.
 *
 * @throws EngineError 'DownloadFailed', 'InvalidManifest' or 'AbortError'.
 */
export async function openModel(
  address: string,
  listener: { progress(event: EngineProgress): void },
  signal?: AbortSignal,
  { store = createWeightStore(), chunkBytes, choose, acceptLicence, stored, page, ...times }: OpenOptions = {},
): Promise<OpenModel> {
  const network: Network = { ...waits, ...times, progress: (event) => listener.progress(event) }
  const warn = (message: string) => network.progress({ stage: 'warning', message })
  /** Unknown until the manifest is; before that nothing is written. */
  let wanted: StoredVersion | undefined
  /** Whether there was a record of the model before, and whether there is one: what no record names is nobody's. */
  let known = false
  let remembered = false
  /** Whether a later visit may need code that this one has not. */
  let unknownCode = false
  const versions = () => import('./store/versions')
  const evict = () => import('./store/evict')
  async function remember(version: StoredVersion): Promise<void> {
    known = !(await store.addModel(address, version))
    if (known) await (await versions()).rememberBeside(store, address, version)
  }
  const bestEffort = createBestEffortStore(store, warn, async (bytes) => {
    if (!wanted || !(await (await evict()).makeRoom(store, address, wanted.files, bytes, warn))) return false
    // There may have been no room even for the record.
    if (!remembered) await remember(wanted)
    return true
  })
  /** Of a failure without a connection it is said what is missing. */
  async function failed(error: unknown): Promise<never> {
    if (!isEngineError(error, 'DownloadFailed') || !isOffline()) throw error
    throw (await whatIsMissing(bestEffort, address, wanted?.files, error)) ?? error
  }

  const close = await hold(modelLock(address), signal)
  try {
    const found = await findManifest(address, bestEffort, network, signal, choose, stored)
    const { manifest, version, problem, url = address } = found
    // Before a byte of the weights is asked for, and before the store is changed.
    if (manifest.notice) await (await import('./accept-notice')).requireAcceptance(manifest, acceptLicence)
    if (problem) warn((await versions()).wordsOfStored(problem))
    wanted = version
    // One that stands in for another changes nothing of what is stored: that other one is still wanted.
    remembered = !!stored || (await bestEffort.write(() => remember(version)))
    await lookAhead(bestEffort, address, version.files)
    const places = new Set([url, address].map((place) => placeOf(place, page)))
    const load = createFileLoader(address, bestEffort, network, chunkBytes, [...places])
    return {
      manifest,
      close,
      load: (...asked) => load(...asked).catch(failed),
      otherVersion: (error) => otherVersion(bestEffort, address, version, error),
      async finish() {
        // What could not be written may be there in a form that this release cannot read.
        const whole = bestEffort.writing && (await bestEffort.read(() => store.hasWhole(address, version.files)))
        unknownCode = !(whole && known)
        if (whole && known)
          await bestEffort.write(async () => (await versions()).keepOnlyVersion(store, address, version))
        return whole === true
      },
      fetchForLater() {
        if (unknownCode) fetchForLater()
        unknownCode = false
      },
    }
  } catch (error) {
    close()
    return failed(error)
  }
}

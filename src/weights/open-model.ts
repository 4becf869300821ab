import { isEngineError } from '../errors'
import type { Manifest } from '../manifest'
import type { EngineProgress } from '../types'
import { createFileLoader, type FileLoader } from './load-files'
import { type ChooseVariant, findManifest } from './net/fetch-manifest'
import { isOffline, offlineError } from './net/offline'
import { type Network, networkTimes } from './net/retry'
import { createBestEffortStore } from './store/best-effort-store'
import { makeRoom, reserveRoom } from './store/reserve-room'
import { isWhole, keepOnlyVersion, missingFiles, rememberVersion } from './store/versions'
import { createWeightStore, type StoredVersion, type WeightStore } from './store/weight-store'
import { hold, modelLock } from './tabs/locks'

export interface OpenModel {
  readonly manifest: Manifest
  readonly load: FileLoader
  /** To be called when the model runs: frees what an older version left. Resolves to whether all of it is stored. */
  finish(): Promise<boolean>
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
  { store = createWeightStore(), chunkBytes, choose, acceptLicence, ...times }: OpenOptions = {},
): Promise<OpenModel> {
  const network: Network = { ...networkTimes, ...times, progress: (event) => listener.progress(event) }
  const warn = (message: string) => network.progress({ stage: 'warning', message })
  /** Empty until the manifest is known; before that nothing large is written. */
  let files: StoredVersion['files'] = []
  const missing = () => missingFiles(store, files)
  const missingBytes = async () => (await missing()).reduce((sum, { bytes }) => sum + bytes, 0)
  const evict = (bytes: number) => makeRoom(store, address, bytes, warn)
  const bestEffort = createBestEffortStore(store, warn, async () => evict(await missingBytes()))

  const close = await hold(modelLock(address), signal)
  try {
    const { manifest, version, problem } = await findManifest(address, bestEffort, network, signal, choose)
    // Before a byte of the weights is asked for, and before the store is changed.
    if (manifest.notice) await (await import('./accept-notice')).requireAcceptance(manifest, acceptLicence)
    if (problem) warn(`The server's manifest.json did not come (${problem}). The stored model is used.`)
    files = version.files
    await bestEffort.write(() => rememberVersion(store, address, version))
    await reserveRoom(bestEffort, (await bestEffort.read(missingBytes)) ?? 0, evict)
    const load = createFileLoader(address, bestEffort, network, chunkBytes)
    return {
      manifest,
      close,
      load: (file, fileSignal) =>
        load(file, fileSignal).catch(async (error) => {
          if (!isEngineError(error, 'DownloadFailed') || !isOffline()) throw error
          throw offlineError(await bestEffort.read(missing), error)
        }),
      async finish() {
        const whole = await bestEffort.read(async () => (await store.model(address)) && isWhole(store, version))
        if (whole) await bestEffort.write(() => keepOnlyVersion(store, address, version))
        return whole ?? false
      },
    }
  } catch (error) {
    close()
    throw isEngineError(error, 'DownloadFailed') && isOffline() ? offlineError(undefined, error) : error
  }
}

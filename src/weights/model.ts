import { EngineError, isEngineError } from '../errors'
import type { Manifest } from '../manifest'
import type { ProgressEvent } from '../types'
import { createKeeper, type Keeper } from './keeper'
import { createFileLoader, type FileLoader } from './load'
import { hold, modelLock } from './locks'
import { findManifest } from './manifest'
import { isOffline, type Network, networkTimes } from './retry'
import { createWeightStore, type StoredVersion, type WeightStore } from './store'
import { freeBytes, isWhole, megabytes, missingFiles } from './stored'

export interface OpenModel {
  readonly manifest: Manifest
  readonly load: FileLoader
  /** To be called when the model runs: frees what an older version left. Resolves to whether all of it is stored. */
  finish(): Promise<boolean>
  /** The model counts as in use until then, or until the tab or worker ends. */
  close(): void
}

/** What tests put in place of the browser's. */
export interface OpenOptions extends Partial<Omit<Network, 'progress'>> {
  readonly store?: WeightStore
  readonly chunkBytes?: number
}

/**
 * Finds a model's manifest, marks the model as in use and makes room for what is missing of it. Errors: `DownloadFailed`,
 * `InvalidManifest`, `AbortError`.
 */
export async function openModel(
  address: string,
  listener: { progress(event: ProgressEvent): void },
  signal?: AbortSignal,
  { store = createWeightStore(), chunkBytes, ...times }: OpenOptions = {},
): Promise<OpenModel> {
  const network: Network = { ...networkTimes, ...times, progress: (event) => listener.progress(event) }
  const warn = (message: string) => network.progress({ stage: 'warning', message })
  // Resolved once the manifest is known; before that nothing large is written.
  let files: StoredVersion['files'] = []
  const missing = async () => {
    const found = await missingFiles(store, files)
    return { found, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) }
  }
  /** Resolves to false, too, where the code for it cannot be loaded: the picture does not depend on it. */
  const makeRoom = (bytes: number) =>
    import('./room').then(
      (room) => room.makeRoom(store, address, bytes, warn),
      () => false,
    )
  const keeper = createKeeper(store, warn, async () => makeRoom((await missing()).bytes))

  async function prepareRoom(): Promise<void> {
    const needed = (await keeper.read(missing))?.bytes ?? 0
    const free = needed > 0 ? await freeBytes() : undefined
    if (free === undefined || free >= needed) return
    if (await keeper.read(() => makeRoom(needed - free))) return
    keeper.stop(`it needs ${megabytes(needed)}, and ${megabytes(free)} are free`)
  }

  const close = await hold(modelLock(address), signal)
  try {
    const { manifest, version, problem } = await findManifest(address, keeper, network, signal)
    if (problem) warn(`The server's manifest.json did not come (${problem}). The stored model is used.`)
    files = version.files
    await keeper.write((weights) => remember(weights, address, version))
    await prepareRoom()
    const load = createFileLoader(address, keeper, network, chunkBytes)
    return {
      manifest,
      close,
      load: (file, fileSignal) =>
        load(file, fileSignal).catch(async (error) => {
          if (!isEngineError(error, 'DownloadFailed') || !isOffline()) throw error
          throw offline(await keeper.read(missing), error)
        }),
      finish: () => finish(address, version, keeper),
    }
  } catch (error) {
    close()
    throw isEngineError(error, 'DownloadFailed') && isOffline() ? offline(undefined, error) : error
  }
}

/** Before its first file arrives, so that no other tab takes the files for left-overs. */
async function remember(store: WeightStore, address: string, version: StoredVersion): Promise<void> {
  const record = await store.model(address)
  const others = record?.versions.filter((old) => JSON.stringify(old.manifest) !== JSON.stringify(version.manifest))
  const whole: StoredVersion[] = []
  for (const old of others ?? []) if (whole.length === 0 && (await isWhole(store, old))) whole.push(old)
  await store.putModel(address, { versions: [version, ...whole], usedAt: Date.now() })
}

async function finish(address: string, version: StoredVersion, keeper: Keeper): Promise<boolean> {
  const whole = await keeper.read(async (store) => (await store.model(address)) && isWhole(store, version))
  if (!whole) return false
  await keeper.write(async (store) => {
    await store.putModel(address, { versions: [version], usedAt: Date.now() })
    await sweepOthers(store, version)
  })
  return true
}

/** Loads the code for sweeping only where there are files of others, left over or not. Without it they wait. */
async function sweepOthers(store: WeightStore, { files }: StoredVersion): Promise<void> {
  const stored = await store.files()
  if (stored.every((sha256) => files.some((file) => file.sha256 === sha256))) return
  const room = await import('./room').catch(() => undefined)
  await room?.sweep(store)
}

function offline(
  missing: { found: { path: string; bytes: number }[]; bytes: number } | undefined,
  cause: unknown,
): EngineError {
  const files = missing?.found.map(({ path, bytes }) => `${path} (${megabytes(bytes)})`).join(', ')
  const what = missing ? `${megabytes(missing.bytes)} of it are not stored yet: ${files}` : 'nothing of it is stored'
  return new EngineError(
    'DownloadFailed',
    `You are offline, and the model is not here: ${what}. Connect and try again; what is stored is kept.`,
    { cause },
  )
}

import { manifestAddress } from '../address'
import { throwIfAborted, unlessAborted } from '../errors'
import type { Manifest } from '../manifest'
import { sizeOfStored, type Verification, verifyFiles, verifyStored } from '../weights/installed'
import type { DescribedModel } from '../worker/open-on'
import { Connection } from './connection'
import { checkGiven } from './given'
import { startWorker, type WorkerSource } from './start-worker'

export interface AskOptions {
  readonly signal?: AbortSignal
  /** As `EngineOptions.worker`. */
  readonly worker?: WorkerSource | undefined
}

export interface ModelSize {
  readonly bytes: number
  readonly storedBytes: number
  /** What a first use downloads. */
  readonly missingBytes: number
  /** Of the build of ONNX Runtime that would draw here, without compression; this browser may have it in its cache. */
  readonly runtimeBytes: number
}

/** The worker that calls without one of their own share while any is under way. */
let shared: { readonly connection: Connection; users: number } | undefined

/** A manifest is read in a worker: it may be anybody's, and large. */
async function read(model: string | URL, options: AskOptions): Promise<DescribedModel> {
  const { signal, worker } = options ?? {}
  checkGiven({ signal })
  throwIfAborted(signal)
  const address = manifestAddress(model)
  const ask = (connection: Connection) => connection.call(signal, (api, id) => api.describe(id, address))
  if (worker) {
    const connection = new Connection(startWorker(worker))
    return ask(connection).finally(() => connection.end())
  }
  if (!shared || shared.connection.ended) shared = { connection: new Connection(startWorker()), users: 0 }
  const ours = shared
  ours.users++
  try {
    return await ask(ours.connection)
  } finally {
    if (--ours.users === 0) {
      ours.connection.end()
      if (shared === ours) shared = undefined
    }
  }
}

/** A model's manifest, with the graphs that would run here, and its size. Throws as `modelSize` does. */
export async function describe(
  model: string | URL,
  options: AskOptions,
): Promise<{ manifest: Manifest; size: ModelSize }> {
  const { manifest, version, runtimeBytes } = await read(model, options)
  const { bytes, storedBytes } = await unlessAborted(
    sizeOfStored(version.files, manifestAddress(model)),
    options?.signal,
  )
  return { manifest, size: { bytes, storedBytes, missingBytes: bytes - storedBytes, runtimeBytes } }
}

/**
 * How large a model is and what of it is stored; downloads its manifest.json alone.
 *
 * @throws EngineError 'InvalidRequest', 'DownloadFailed', 'InvalidManifest', 'WorkerCrashed' or 'AbortError'.
 */
export async function modelSize(model: string | URL, options: AskOptions = {}): Promise<ModelSize> {
  return (await describe(model, options)).size
}

/**
 * Reads and hashes everything stored of a model. Changes nothing: what is damaged is fetched again when the model is
 * next used.
 *
 * @throws EngineError 'StorageRefused' or 'InvalidRequest'; for a model that is not stored, as `modelSize` does.
 */
export async function verifyModel(model: string | URL): Promise<Verification> {
  const address = manifestAddress(model)
  return (await verifyStored(address)) ?? verifyFiles((await read(model, {})).version.files, address)
}

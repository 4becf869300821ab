import { manifestAddress } from '../address'
import { EngineError } from '../errors'
import { createBestEffortStore } from './store/best-effort-store'
import { deleteFrom } from './store/evict'
import { UnreadableRecord, unlessNewer, unlessUnreadable } from './store/read-records'
import { missingFiles, readChunks, storedFile, storedModel, storedModels, storedParts } from './store/read-stored'
import { type FileRecord, type PartRecord, sumOf } from './store/records'
import { type ExpectedFile, sha256 } from './store/verify'
import { isWhole, usableVersion } from './store/versions'
import { createWeightStore, type WeightStore } from './store/weight-store'
import { heldLocks } from './tabs/held-locks'
import { fileLock, modelLock } from './tabs/locks'

/** A model of which this browser has something. Sizes are bytes. */
export interface StoredModel {
  /** Address of its manifest.json: what the other calls take. */
  readonly model: string
  readonly id: string
  readonly version: string
  readonly name: string
  /** Sum of its files. */
  readonly bytes: number
  readonly storedBytes: number
  /** All of it is there: it runs without a network. */
  readonly complete: boolean
  /** An engine of this or another tab has it. */
  readonly inUse: boolean
  readonly usedAt: Date
}

export interface VerifiedFile {
  readonly path: string
  readonly bytes: number
  /** `partial`: the model's next use continues its download. `corrupt`: the next use fetches it again. */
  readonly state: 'ok' | 'missing' | 'partial' | 'corrupt'
}

export interface Verification {
  /** Every file is there and has the sha256 of the manifest. */
  readonly ok: boolean
  readonly files: readonly VerifiedFile[]
}

/**
 * The models in this browser's store, the last used first.
 *
 * @throws EngineError 'StorageRefused'.
 */
export async function listModels(): Promise<StoredModel[]> {
  return withStore(async (store) => {
    const held = await heldLocks()
    const models = [...(await storedModels(store))].map(async ([address, record]): Promise<StoredModel> => {
      const { id, version, name, files } = (await usableVersion(store, address)) ?? record.versions[0]
      return {
        ...{ model: address, id, version, name },
        ...(await sizeOf(files, store, address)),
        complete: await isWhole(store, { files }),
        inUse: held?.includes(modelLock(address)) ?? false,
        usedAt: new Date(record.usedAt),
      }
    })
    return (await Promise.all(models)).sort((one, other) => other.usedAt.getTime() - one.usedAt.getTime())
  })
}

/**
 * Frees what is stored of a model, except files that another stored model shares. Resolves to the bytes freed. Allowed
 * while an engine has it: that one keeps its copy in memory.
 *
 * @throws EngineError 'ModelBusy' while a file of it is being downloaded; 'StorageRefused', also where a newer release keeps
 * its record in a form of its own; 'InvalidRequest'.
 */
export async function deleteModel(model: string | URL): Promise<number> {
  const address = manifestAddress(model)
  return withStore(async (store) => {
    const record = await storedModel(store, address).catch(unlessNewer)
    const held = await heldLocks()
    const files = record?.versions.flatMap((version) => version.files)
    const busy = files?.find(({ sha256 }) => held?.includes(fileLock(sha256, address)))
    if (busy) {
      throw new EngineError(
        'ModelBusy',
        `${busy.path} of '${record?.versions[0].name}' is being downloaded, here or in another tab. Cancel that or wait.`,
      )
    }
    return deleteFrom(store, address)
  })
}

/**
 * Reads and hashes everything stored of a model; undefined where no version of it is. Changes nothing.
 *
 * @throws EngineError 'StorageRefused'.
 */
export async function verifyStored(address: string): Promise<Verification | undefined> {
  return withStore(async (store) => {
    const version = await usableVersion(store, address).catch(unlessUnreadable)
    return version && verify(version.files, store, address)
  })
}

/** The same of files that are not stored as a model: what is there of each. */
export async function verifyFiles(files: readonly ExpectedFile[], address: string): Promise<Verification> {
  return withStore((store) => verify(files, store, address))
}

/** Of a model's files: bytes in all, and those that are stored; none where the store cannot be read. */
export async function sizeOfStored(
  files: readonly ExpectedFile[],
  address: string,
): Promise<{ bytes: number; storedBytes: number }> {
  const store = createBestEffortStore(
    createWeightStore(),
    () => {},
    async () => false,
  )
  return (await store.read((values) => sizeOf(files, values, address))) ?? { bytes: sumOf(files), storedBytes: 0 }
}

async function verify(files: readonly ExpectedFile[], store: WeightStore, address: string): Promise<Verification> {
  const verified: VerifiedFile[] = []
  // One after the other: each is in memory as a whole.
  for (const file of files)
    verified.push({ path: file.path, bytes: file.bytes, state: await stateOf(file, store, address) })
  return { ok: verified.every(({ state }) => state === 'ok'), files: verified }
}

async function stateOf(file: ExpectedFile, store: WeightStore, address: string): Promise<VerifiedFile['state']> {
  let record: FileRecord | undefined
  let part: PartRecord | undefined
  try {
    record = await storedFile(store, file.sha256)
    part = (await storedParts(store, file, address))[0]
  } catch (error) {
    unlessUnreadable(error)
    return 'corrupt'
  }
  const chunks = (record?.bytes === file.bytes ? record : part)?.chunks ?? []
  if (chunks.length === 0) return 'missing'
  const bytes = new Uint8Array(file.bytes)
  const { bad } = await readChunks(file, chunks, bytes, { read: (work) => work(store) })
  if (bad.length > 0) return 'corrupt'
  if (sumOf(chunks) < file.bytes) return 'partial'
  return (await sha256(bytes)) === file.sha256 ? 'ok' : 'corrupt'
}

async function sizeOf(
  files: readonly ExpectedFile[],
  store: WeightStore,
  address: string,
): Promise<{ bytes: number; storedBytes: number }> {
  const bytes = sumOf(files)
  return { bytes, storedBytes: bytes - sumOf(await missingFiles(store, files, address)) }
}

async function withStore<T>(work: (store: WeightStore) => Promise<T>): Promise<T> {
  try {
    return await work(createWeightStore())
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    if (cause instanceof UnreadableRecord) {
      throw new EngineError('StorageRefused', `What is stored cannot be read: ${cause.message}.`, { cause })
    }
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new EngineError(
      'StorageRefused',
      `The browser's IndexedDB cannot be used (${reason}). Allow this site to store data, or leave the private window.`,
      { cause },
    )
  }
}

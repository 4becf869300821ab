/** Reading what earlier visits stored: loaded where there is something. */
import type { BestEffortStore } from './best-effort-store'
import { addressesIn, fileIn, modelIn, partsIn, unlessUnreadable } from './read-records'
import {
  type ChunkRecord,
  type ChunkValue,
  type FileRecord,
  type FoundPieces,
  keyOf,
  type ModelRecord,
  type PartRecord,
  RECORD_FORMAT,
  sumOf,
} from './records'
import { allocate, type ExpectedFile, sha256 } from './verify'
import type { WeightStore } from './weight-store'

type Transact = Pick<WeightStore, 'transact'>
/** A store of which a failure is a gap, or one whose failures are told. */
type Readable = Pick<BestEffortStore, 'read'>

export const storedFile = ({ transact }: Transact, sha256: string): Promise<FileRecord | undefined> =>
  transact('readonly', (values) => fileIn(values, sha256))

export const storedModel = ({ transact }: Transact, address: string): Promise<ModelRecord | undefined> =>
  transact('readonly', (values) => modelIn(values, address))

/** The parts that the model at `owner` fetched of a file of this size, the largest first. */
export async function storedParts({ transact }: Transact, file: ExpectedFile, owner: string): Promise<PartRecord[]> {
  const parts = await transact('readonly', (values) => partsIn(values, file.sha256, owner))
  const largest = (one: PartRecord, other: PartRecord) => sumOf(other.chunks) - sumOf(one.chunks)
  return parts.filter(({ bytes }) => bytes === file.bytes).sort(largest)
}

/** Those that can be read. */
export function storedModels({ transact }: Transact): Promise<ReadonlyMap<string, ModelRecord>> {
  return transact('readonly', async (values) => {
    const found = new Map<string, ModelRecord>()
    for (const address of await addressesIn(values)) {
      const record = await modelIn(values, address).catch(unlessUnreadable)
      if (record) found.set(address, record)
    }
    return found
  })
}

/** Bytes that are there of a file for the model at an address, in records that can be read. */
export async function storedBytes(store: Transact, file: ExpectedFile, address: string): Promise<number> {
  const record = await storedFile(store, file.sha256).catch(unlessUnreadable)
  const whole = record?.bytes === file.bytes ? record : undefined
  const [part] = (!whole?.complete && (await storedParts(store, file, address).catch(unlessUnreadable))) || []
  return Math.min(file.bytes, sumOf(whole?.chunks) + sumOf(part?.chunks))
}

/** The files of which something is missing, and how many bytes. */
export async function missingFiles(
  store: Transact,
  files: readonly ExpectedFile[],
  address: string,
): Promise<{ path: string; bytes: number }[]> {
  const all = files.map(async (file) => ({
    path: file.path,
    bytes: file.bytes - (await storedBytes(store, file, address)),
  }))
  return (await Promise.all(all)).filter(({ bytes }) => bytes > 0)
}

/** The whole file from the store, if it is there and has its hash. */
export async function readStored(
  file: ExpectedFile,
  store: BestEffortStore,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const record = await store.read((values) => storedFile(values, file.sha256))
  if (!record?.complete || record.bytes !== file.bytes) return undefined
  const bytes = await allocate(file)
  // The hash of the whole says all; those of the chunks are for finding the damage.
  const { bad } = await readChunks(file, record.chunks, bytes, store, false)
  if (bad.length > 0 || (await sha256(bytes)) !== file.sha256) return undefined
  if (record.format === undefined) await store.write((values) => migrateFile(values, file.sha256))
  return bytes
}

/** A record of format 1 goes on as one of today's beside it, since tabs of that release may be open; the chunks stay. */
function migrateFile({ transact }: Transact, sha256: string): Promise<void> {
  return transact('readwrite', async (values) => {
    const record = await fileIn(values, sha256)
    if (record?.format === undefined) values.set(keyOf.file(sha256), { ...record, format: RECORD_FORMAT })
  })
}

/**
 * Finds what a download can continue from, copied to its place in `bytes` if those are given: the good chunks of a damaged file, then those
 * of the model's own parts. The largest part is continued by the one tab that may; others are only read.
 */
export async function findPieces(
  file: ExpectedFile,
  bytes: Uint8Array<ArrayBuffer> | undefined,
  store: Readable,
  { owner, alone }: { owner: string; alone: boolean },
): Promise<FoundPieces> {
  const record = await store.read((values) => storedFile(values, file.sha256))
  const known = record?.bytes === file.bytes ? record : undefined
  const parts = (await store.read((values) => storedParts(values, file, owner))) ?? []
  let chunks: ChunkRecord[] = []
  for (const offered of [...(known ? [known] : []), ...parts]) {
    const fresh: ChunkRecord[] = []
    for (const chunk of offered.chunks) if (isApart(chunk, [...chunks, ...fresh])) fresh.push(chunk)
    chunks = [...chunks, ...(await readChunks(file, fresh, bytes, store)).good]
  }
  const continued = alone ? parts[0] : undefined
  const etag = continued?.etag ?? known?.etag ?? parts[0]?.etag
  return { chunks, ...(known && { known }), ...(etag && { etag }), ...(continued && { place: continued.place }) }
}

/** Whether no byte of a chunk is one of the others'. A damaged record may name one twice. */
function isApart({ at, bytes }: ChunkRecord, others: readonly ChunkRecord[]): boolean {
  return others.every((other) => at + bytes <= other.at || other.at + other.bytes <= at)
}

/**
 * Copies chunks to their places in `bytes`, or only looks at them. Bad: missing, of another length, or (where checked) of
 * another hash.
 */
export async function readChunks(
  file: ExpectedFile,
  chunks: readonly ChunkRecord[],
  bytes: Uint8Array<ArrayBuffer> | undefined,
  store: Readable,
  check = true,
): Promise<{ good: ChunkRecord[]; bad: ChunkRecord[] }> {
  const good: ChunkRecord[] = []
  const bad: ChunkRecord[] = []
  for (const chunk of chunks) {
    const found = await readChunk(file, chunk, store, check)
    if (found) bytes?.set(found, chunk.at)
    const list = found ? good : bad
    list.push(chunk)
  }
  return { good, bad }
}

/** Undefined for a bad one. */
export async function readChunk(
  file: ExpectedFile,
  chunk: ChunkRecord,
  store: Readable,
  check = true,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const found = await chunkValue(file, chunk, store)
  if (!found) return undefined
  const bytes = found instanceof Blob ? new Uint8Array(await found.arrayBuffer()) : found
  return !check || (await sha256(bytes)) === chunk.sha256 ? bytes : undefined
}

/** As it is stored; undefined where nothing of that length is. */
export async function chunkValue(
  file: ExpectedFile,
  chunk: ChunkRecord,
  store: Readable,
): Promise<ChunkValue | undefined> {
  const key = keyOf.chunk(file.sha256, chunk)
  const found = await store.read(({ transact }) => transact('readonly', (values) => values.get(key)))
  const length = found instanceof Blob ? found.size : found instanceof Uint8Array ? found.length : -1
  return length === chunk.bytes && chunk.at + length <= file.bytes ? (found as ChunkValue) : undefined
}

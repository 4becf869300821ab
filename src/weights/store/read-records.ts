/** Reading what earlier visits stored, of which nothing is trusted: other releases, faults and other scripts wrote it. */
import type { KeyValues } from './database'
import {
  type ChunkRecord,
  type FileRecord,
  keyOf,
  type ModelRecord,
  type PartRecord,
  RECORD_FORMAT,
  sumOf,
} from './records'

/** A record that this release cannot take: of a later one (`newer`), or damaged. */
export class UnreadableRecord extends Error {
  readonly key: string
  readonly newer: boolean

  constructor(key: string, newer: boolean) {
    super(newer ? 'a newer release keeps it in a form of its own, which is left alone; reload the page' : 'damaged')
    this.name = 'UnreadableRecord'
    this.key = key
    this.newer = newer
  }
}

type Loose = { readonly [name: string]: unknown }

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
/** Also before 1970, where a machine's clock stands so: as much as a date can be. */
const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= 8.64e15
const isText = (value: unknown): boolean => typeof value === 'string'
const isChunk = (chunk: unknown): boolean =>
  isObject(chunk) && isCount(chunk.at) && isCount(chunk.bytes) && chunk.bytes !== 0 && isText(chunk.sha256)
const isExpected = (file: unknown): boolean =>
  isObject(file) && isText(file.path) && isText(file.sha256) && isCount(file.bytes)
const isVersion = (version: unknown): boolean =>
  isObject(version) && [version.id, version.version, version.name].every(isText) && areAll(version.files, isExpected)
const areAll = (list: unknown, check: (each: unknown) => boolean): boolean => Array.isArray(list) && list.every(check)

/** Of more than its bytes none has chunks: that bounds how many there are to read. */
const isFile = ({ bytes, chunks }: Loose): boolean =>
  isCount(bytes) && areAll(chunks, isChunk) && sumOf(chunks as ChunkRecord[]) <= (bytes as number)
const isPart = (record: Loose): boolean => isFile(record) && isText(record.owner) && isText(record.place)
const isModel = ({ versions, usedAt }: Loose): boolean =>
  areAll(versions, isVersion) && (versions as unknown[]).length > 0 && isTime(usedAt)

/** @throws UnreadableRecord */
async function read<T>(values: KeyValues, key: string, check: (value: Loose) => boolean): Promise<T | undefined> {
  const value = await values.get(key)
  if (value === undefined) return undefined
  const { format = 1 } = isObject(value) ? value : {}
  // What is no whole number is no release's format.
  if (!isCount(format)) throw new UnreadableRecord(key, false)
  if ((format as number) > RECORD_FORMAT) throw new UnreadableRecord(key, true)
  if (!isObject(value) || !check(value)) throw new UnreadableRecord(key, false)
  return value as T
}

/** What is stored of a file and not of one model alone. */
export async function fileIn(values: KeyValues, sha256: string): Promise<FileRecord | undefined> {
  return (await read(values, keyOf.file(sha256), isFile)) ?? (await read(values, keyOf.oldFile(sha256), isFile))
}

/** The parts of a file that a model fetched, or any model. */
export async function partsIn(values: KeyValues, sha256: string, owner?: string): Promise<PartRecord[]> {
  const found: PartRecord[] = []
  for (const key of await values.keys(keyOf.part(sha256, ''))) {
    const part = await read<PartRecord>(values, key, isPart)
    if (part && (owner === undefined || part.owner === owner)) found.push(part)
  }
  return found
}

export async function modelIn(values: KeyValues, address: string): Promise<ModelRecord | undefined> {
  return (await read(values, keyOf.model(address), isModel)) ?? (await read(values, keyOf.oldModel(address), isModel))
}

/** Addresses of all models of which there is a record, readable or not. */
export async function addressesIn(values: KeyValues): Promise<string[]> {
  const families = ['models/', 'model/'].map(async (family) =>
    (await values.keys(family)).map((key) => key.slice(family.length)),
  )
  return [...new Set((await Promise.all(families)).flat())]
}

/** For records that can be left out. */
export function unlessUnreadable(error: unknown): undefined {
  if (!(error instanceof UnreadableRecord)) throw error
}

/** For those that may be put aside or dropped: damaged ones, and none of a newer release. */
export function unlessNewer(error: unknown): undefined {
  if (!(error instanceof UnreadableRecord) || error.newer) throw error
}

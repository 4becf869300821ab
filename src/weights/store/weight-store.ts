import { indexedDbStore, type KeyValueStore } from './database'
import type { ExpectedFile } from './verify'

/**
 * The unit of writing: at most this much of a download is lost to a crash. Far below what fails in some browsers (values
 * near 2 GB; on iOS above 200 MB).
 */
export const CHUNK_BYTES = 4 * 2 ** 20

/** Bytes at..at+bytes of a file, and the hash that they had when they were written. */
export interface ChunkRecord {
  readonly at: number
  readonly bytes: number
  readonly sha256: string
}

/** What is there of a file. Written after the chunk that it newly names: what no record names does not exist. */
export interface FileRecord {
  /** Of the whole file. */
  readonly bytes: number
  /** In the order of their place; they never overlap. */
  readonly chunks: readonly ChunkRecord[]
  /** The server's tag of the version that the chunks are of. */
  readonly etag?: string | undefined
  /** The whole had its hash when this was written. Reading checks it again. */
  readonly complete: boolean
}

/** A manifest with what listing and freeing need of it, also when a later release can no longer parse it. */
export interface StoredVersion {
  readonly id: string
  readonly version: string
  readonly name: string
  readonly files: readonly ExpectedFile[]
  /** The JSON as it came: there is no other offline. */
  readonly manifest: unknown
}

export interface ModelRecord {
  /** The version wanted last, then the whole one that it replaces, if any: it stays usable until the new one is whole. */
  readonly versions: readonly [StoredVersion, ...StoredVersion[]]
  /** Milliseconds since 1970. */
  readonly usedAt: number
}

/** Files by the sha256 of their whole content, models by the address of their manifest. */
export interface WeightStore {
  file(sha256: string): Promise<FileRecord | undefined>
  chunk(sha256: string, at: number): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Replaces the record; `chunk` is one that it names and that is not yet stored. */
  putFile(sha256: string, record: FileRecord, chunk?: { at: number; bytes: Uint8Array<ArrayBuffer> }): Promise<void>
  /** Replaces the record by one that names fewer chunks, then frees the others. */
  dropChunks(sha256: string, record: FileRecord, dropped: readonly ChunkRecord[]): Promise<void>
  /** Frees all of a file. Resolves to the bytes freed. */
  dropFile(sha256: string): Promise<number>
  /** The sha256 of every file of which there is anything. */
  files(): Promise<readonly string[]>
  model(address: string): Promise<ModelRecord | undefined>
  models(): Promise<ReadonlyMap<string, ModelRecord>>
  putModel(address: string, record: ModelRecord): Promise<void>
  dropModel(address: string): Promise<void>
}

export function createWeightStore(values: KeyValueStore = indexedDbStore()): WeightStore {
  async function model(address: string): Promise<ModelRecord | undefined> {
    const record = (await values.get(`model/${address}`)) as ModelRecord | undefined
    return Array.isArray(record?.versions) ? record : undefined
  }
  async function file(sha256: string): Promise<FileRecord | undefined> {
    const record = (await values.get(`file/${sha256}`)) as FileRecord | undefined
    return Array.isArray(record?.chunks) ? record : undefined
  }
  return {
    file,
    model,
    async chunk(sha256, at) {
      const bytes = await values.get(chunkKey(sha256, at))
      return bytes instanceof Uint8Array ? (bytes as Uint8Array<ArrayBuffer>) : undefined
    },
    putFile: (sha256, record, chunk) =>
      values.set([
        ...(chunk ? [[chunkKey(sha256, chunk.at), chunk.bytes] as const] : []),
        [`file/${sha256}`, record] as const,
      ]),
    async dropChunks(sha256, record, dropped) {
      await values.set([[`file/${sha256}`, record]])
      await values.delete(dropped.map(({ at }) => chunkKey(sha256, at)))
    },
    async dropFile(sha256) {
      const bytes = storedBytes(await file(sha256))
      const chunks = (await values.keys()).filter((key) => key.startsWith(`chunk/${sha256}/`))
      await values.delete([`file/${sha256}`, ...chunks])
      return bytes
    },
    async files() {
      const found = (await values.keys()).map((key) => /^(?:file|chunk)\/(\w+)/.exec(key)?.[1])
      return [...new Set(found.filter((sha256) => sha256 !== undefined))]
    },
    async models() {
      const found = new Map<string, ModelRecord>()
      for (const key of await values.keys()) {
        if (!key.startsWith('model/')) continue
        const address = key.slice('model/'.length)
        const record = await model(address)
        if (record) found.set(address, record)
      }
      return found
    },
    putModel: (address, record) => values.set([[`model/${address}`, record]]),
    dropModel: (address) => values.delete([`model/${address}`]),
  }
}

/** Bytes of a file that are in the store. */
export function storedBytes(record: FileRecord | undefined): number {
  return record?.chunks.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0
}

function chunkKey(sha256: string, at: number): string {
  return `chunk/${sha256}/${at}`
}

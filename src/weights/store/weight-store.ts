import { indexedDbStore, type KeyValueStore } from './database'
import {
  type ChunkValue,
  type FileRecord,
  keyOf,
  type ModelRecord,
  type PartRecord,
  RECORD_FORMAT,
  type StoredVersion,
} from './records'
import type { ExpectedFile } from './verify'

/**
 * The unit of writing: at most this much of a download is lost to a crash. Far below what fails in some browsers (values
 * near 2 GB; on iOS above 200 MB).
 */
export const CHUNK_BYTES = 4 * 2 ** 20

/**
 * Verified files by the sha256 of their whole content, parts of files by the model that fetches them, models by the
 * address of their manifest. Whatever decides over bytes does so within one transaction. Here is what a first visit
 * needs; whatever meets something that is stored already is in stored.ts.
 */
export interface WeightStore extends KeyValueStore {
  hasModel(address: string): Promise<boolean>
  /** Whether there is a record of a file or of a part of it. */
  hasFile(sha256: string): Promise<boolean>
  /** Whether the model is there with all of these files. */
  hasWhole(address: string, files: readonly ExpectedFile[]): Promise<boolean>
  /** False where there is a record of the model already: nothing is written then. */
  addModel(address: string, version: StoredVersion): Promise<boolean>
  /** Replaces a part's record. Fails where its model was deleted meanwhile: its bytes would be nobody's. */
  putPart(sha256: string, part: PartRecord, chunk: { at: number; bytes: ChunkValue }): Promise<unknown>
  /** Makes a part that is verified the file, or resolves to false where there is one. Fails as `putPart` does. */
  addFile(file: ExpectedFile, part: PartRecord): Promise<boolean>
}

export function createWeightStore({ transact }: KeyValueStore = indexedDbStore()): WeightStore {
  const has = (keys: readonly string[], which: 'some' | 'every'): Promise<boolean> =>
    transact('readonly', async (values) => (await Promise.all(keys.map(values.count)))[which](Boolean))

  /** Nothing is written where one of the keys in `without` is there; and nothing for an owner that is gone. */
  const write = (owner: string, without: readonly string[], entries: readonly (readonly [string, unknown])[]) =>
    transact('readwrite', async (values) => {
      if (owner && !(await values.count(keyOf.model(owner)))) throw new Error('deleted')
      for (const key of without) if (await values.count(key)) return false
      for (const [key, value] of entries) value ? values.set(key, value) : values.delete(key)
      return true
    })

  const modelKeys = (address: string) => [keyOf.model(address), keyOf.oldModel(address)]
  const fileKeys = (sha256: string) => [keyOf.file(sha256), keyOf.oldFile(sha256)]
  return {
    transact,
    hasModel: (address) => has(modelKeys(address), 'some'),
    hasWhole: (address, files) =>
      has([keyOf.model(address), ...files.map(({ sha256 }) => keyOf.file(sha256))], 'every'),
    hasFile: async (sha256) =>
      (await has(fileKeys(sha256), 'some')) ||
      (await transact('readonly', (values) => values.keys(keyOf.part(sha256, '')))).length > 0,
    addModel: (address, version) =>
      write('', modelKeys(address), [
        [
          keyOf.model(address),
          { format: RECORD_FORMAT, versions: [version], usedAt: Date.now() } satisfies ModelRecord,
        ],
      ]),
    putPart: (sha256, part, { at, bytes }) =>
      write(
        part.owner,
        [],
        [
          [keyOf.chunk(sha256, { at, place: part.place }), bytes],
          [keyOf.part(sha256, part.place), part],
        ],
      ),
    addFile: ({ sha256, bytes }, { owner, place, chunks }) =>
      write(owner, fileKeys(sha256), [
        [keyOf.file(sha256), { format: RECORD_FORMAT, bytes, chunks, complete: true } satisfies FileRecord],
        [keyOf.part(sha256, place), undefined],
      ]),
  }
}

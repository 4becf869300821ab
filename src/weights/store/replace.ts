/** What a download may drop or replace: its own part, and a file that it has verified against a record of it. */
import type { KeyValues } from './database'
import { fileIn } from './read-records'
import { type ChunkRecord, type FileRecord, keyOf, type PartRecord, RECORD_FORMAT } from './records'
import type { ExpectedFile } from './verify'
import type { WeightStore } from './weight-store'

/** Forgets a part, except what the verified file has of it. */
export function dropPart({ transact }: WeightStore, sha256: string, { place }: PartRecord): Promise<void> {
  return transact('readwrite', (values) => endPart(values, sha256, place))
}

/**
 * Makes `chunks` the verified file where the record of it is still `known`, the one that damage was found in, and ends
 * the part. Another tab may have been faster: what it verified stays as it is.
 */
export function replaceFile(
  { transact }: WeightStore,
  { sha256, bytes }: ExpectedFile,
  { owner, place, chunks }: PartRecord,
  known: FileRecord | undefined,
): Promise<void> {
  return transact('readwrite', async (values) => {
    if (!(await values.count(keyOf.model(owner)))) throw new Error('deleted')
    const before = await fileIn(values, sha256)
    if (!before?.complete || JSON.stringify(before) === JSON.stringify(known)) {
      values.set(keyOf.file(sha256), { format: RECORD_FORMAT, bytes, chunks, complete: true } satisfies FileRecord)
      values.delete(keyOf.oldFile(sha256))
      await free(values, sha256, before?.chunks ?? [])
    }
    await endPart(values, sha256, place)
  })
}

/** With all chunks of its place, also those that its record did not name any more. */
async function endPart(values: KeyValues, sha256: string, place: string): Promise<void> {
  values.delete(keyOf.part(sha256, place))
  const family = keyOf.chunk(sha256, { at: 0, place }).slice(0, -1)
  const keys = await values.keys(family)
  await free(
    values,
    sha256,
    keys.map((key) => ({ at: Number(key.slice(family.length)), place })),
  )
}

/** Deletes chunks, except those of the verified file. */
async function free(
  values: KeyValues,
  sha256: string,
  chunks: readonly Pick<ChunkRecord, 'at' | 'place'>[],
): Promise<void> {
  const verified = await fileIn(values, sha256)
  const kept = new Set(verified?.chunks.map((chunk) => keyOf.chunk(sha256, chunk)))
  for (const key of chunks.map((chunk) => keyOf.chunk(sha256, chunk))) if (!kept.has(key)) values.delete(key)
}

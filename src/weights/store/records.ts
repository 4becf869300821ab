import type { ExpectedFile } from './verify'

/** Of the records below. Those without one are of releases up to 0.2.0: format 1, under keys of their own. */
export const RECORD_FORMAT = 2

/** Bytes at..at+bytes of a file, and the hash that they had when they were written. */
export interface ChunkRecord {
  readonly at: number
  readonly bytes: number
  readonly sha256: string
  /** Of the part that it came with: no two writers share one. Absent in format 1. */
  readonly place?: string
}

/** What is stored of a chunk: a Blob where it shall be read past the memory. */
export type ChunkValue = Uint8Array<ArrayBuffer> | Blob

/** A file whose whole had its hash when this was written. Reading checks it again. */
export interface FileRecord {
  readonly format?: number
  /** Of the whole file. */
  readonly bytes: number
  /** In the order of their place; they never overlap. */
  readonly chunks: readonly ChunkRecord[]
  /** Always true in format 2; before, parts had the key of the whole. */
  readonly complete: boolean
  readonly etag?: string | undefined
}

/** Bytes of a file that are not verified yet. They belong to the model that fetches them, and count for no other. */
export interface PartRecord {
  readonly format: number
  /** Address of that model's manifest. */
  readonly owner: string
  readonly place: string
  readonly bytes: number
  readonly chunks: readonly ChunkRecord[]
  /** The server's tag of the version that the chunks are of. */
  readonly etag?: string | undefined
}

/** A manifest with what listing and freeing need of it, also when a later release can no longer parse it. */
export interface StoredVersion {
  readonly id: string
  readonly version: string
  readonly name: string
  /** Those that the chosen graphs use. */
  readonly files: readonly ExpectedFile[]
  /** The JSON as it came: there is no other offline. */
  readonly manifest: unknown
}

export interface ModelRecord {
  readonly format?: number
  /** The version wanted last, then those that it replaces: they stay usable until it is whole and nobody needs them. */
  readonly versions: readonly [StoredVersion, ...StoredVersion[]]
  /** Milliseconds since 1970. */
  readonly usedAt: number
}

/** What a download can continue from. */
export interface FoundPieces {
  readonly chunks: readonly ChunkRecord[]
  /** Of the part that is continued. */
  readonly place?: string
  readonly etag?: string
  /** The record of the whole that damage was found in, if any. */
  readonly known?: FileRecord
}

export const keyOf = {
  model: (address: string): string => `models/${address}`,
  file: (sha256: string): string => `files/${sha256}`,
  part: (sha256: string, place: string): string => `parts/${sha256}/${place}`,
  chunk: (sha256: string, { at, place }: Pick<ChunkRecord, 'at' | 'place'>): string =>
    place === undefined ? `chunk/${sha256}/${at}` : `chunks/${sha256}/${place}/${at}`,
  /** Where format 1 kept them. */
  oldModel: (address: string): string => `model/${address}`,
  oldFile: (sha256: string): string => `file/${sha256}`,
}

/** Bytes of some chunks. */
export function sumOf(chunks: readonly { readonly bytes: number }[] = []): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes, 0)
}

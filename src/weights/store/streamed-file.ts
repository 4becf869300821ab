/** Large files on their way, of which memory holds no more than a few chunks: loaded for the weights beside a graph. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { BestEffortStore } from './best-effort-store'
import { chunkValue, readChunk, storedFile } from './read-stored'
import type { ChunkRecord } from './records'
import { type OwnChunk, type PartOptions, piecesOf, ResumableFile } from './resumable-file'
import { corrupt, type ExpectedFile, sha256 as hashOf } from './verify'

/** Chunks that wait for the store at once: a network that is faster than the disk waits for it. */
const WAITING = 4

/** The store did not take a chunk: what came cannot be kept without memory for the whole. */
export class NotStored extends Error {}

/** A file that goes to the store as it comes. */
export class StreamedFile extends ResumableFile {
  /** What is received and not yet a chunk, from the beginning of a buffer as long as the longest chunk. */
  #window = new Uint8Array(this.options.chunkBytes)
  #filled = 0
  /** Buffers of stored chunks: gigabytes pass here, and what is allocated anew may lie long before it is collected. */
  readonly #free: Uint8Array<ArrayBuffer>[] = []
  #waiting = 0
  /** The chunk that was compared last. */
  #read: { readonly at: number; readonly bytes: Uint8Array } | undefined
  /** Of the first bytes of the file, in their order. */
  #hash = sha256.create()
  #hashed = 0

  static override async open(
    file: ExpectedFile,
    bestEffort: BestEffortStore,
    options: PartOptions,
  ): Promise<StreamedFile> {
    // The whole that the other form has is never there.
    const nothing = new Uint8Array(0)
    return new StreamedFile(file, nothing, bestEffort, options, await piecesOf(file, bestEffort, options))
  }

  override async write(piece: Uint8Array): Promise<void> {
    const size = this.#window.length
    for (let from = 0; from < piece.length; ) {
      const part = piece.subarray(from, from + size - this.#filled)
      super.write(part)
      from += part.length
      if (this.#waiting > WAITING) await this.stored
    }
    this.#throwIfLost()
  }

  protected override hold(piece: Uint8Array, at: number): void {
    this.#window.set(piece, this.#filled)
    this.#filled += piece.length
    if (at !== this.#hashed) return
    this.#hash.update(piece)
    this.#hashed += piece.length
  }

  protected override contentOf({ bytes: length }: OwnChunk): () => Uint8Array<ArrayBuffer> {
    const bytes = this.#window
    this.#window = this.#free.pop() ?? new Uint8Array(bytes.length)
    this.#filled = 0
    this.#waiting++
    return () => {
      this.#waiting--
      // A copy of what is shorter: structured clone of a view would write the whole buffer behind it.
      return length === bytes.length ? bytes : bytes.slice(0, length)
    }
  }

  protected override toStore(bytes: Uint8Array<ArrayBuffer>): Blob {
    return new Blob([bytes])
  }

  protected override forget(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === this.#window.length) this.#free.push(bytes)
  }

  override async differs(at: number, piece: Uint8Array): Promise<boolean> {
    await this.flush()
    this.#throwIfLost()
    for (let from = 0; from < piece.length; ) {
      const { at: start, bytes } = await this.#chunkAt(at + from)
      const part = piece.subarray(from, start + bytes.length - at)
      if (part.some((byte, i) => byte !== bytes[at + from - start + i])) return true
      from += part.length
    }
    return false
  }

  override async restart(): Promise<void> {
    this.#filled = 0
    this.#read = undefined
    this.#hash = sha256.create()
    this.#hashed = 0
    await super.restart()
  }

  /** Reads from the store what did not come in its order. */
  override async verify(source: string): Promise<void> {
    await this.flush()
    this.#throwIfLost()
    for (const chunk of this.chunks) {
      const from = this.#hashed - chunk.at
      if (from >= chunk.bytes) continue
      this.#hash.update((await this.#bytesOf(chunk)).subarray(from))
      this.#hashed = chunk.at + chunk.bytes
    }
    const found = Array.from(this.#hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join('')
    const { file } = this
    if (found !== file.sha256) throw corrupt(file, source, `sha256 ${found}, expected ${file.sha256}`)
  }

  #throwIfLost(): void {
    if (!this.store.writing || this.store.full) throw new NotStored(this.file.path)
  }

  async #chunkAt(at: number): Promise<{ readonly at: number; readonly bytes: Uint8Array }> {
    const known = this.#read
    if (known && at >= known.at && at < known.at + known.bytes.length) return known
    const chunk = this.chunks.find((each) => at >= each.at && at < each.at + each.bytes) as ChunkRecord
    this.#read = { at: chunk.at, bytes: await this.#bytesOf(chunk) }
    return this.#read
  }

  async #bytesOf(chunk: ChunkRecord): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await readChunk(this.file, chunk, this.store)
    if (!bytes) throw new NotStored(this.file.path)
    return bytes
  }
}

/**
 * A whole file from the store, chunk by chunk past the page's memory; undefined unless each chunk has the hash that it had
 * when the whole was verified. `unread`: an empty Blob, and undefined unless it is stored.
 */
export async function storedBlob(
  file: ExpectedFile,
  store: BestEffortStore,
  unread = false,
): Promise<Blob | undefined> {
  const record = await store.read((values) => storedFile(values, file.sha256))
  if (!record?.complete || record.bytes !== file.bytes) return undefined
  if (unread) return new Blob()
  const blobs: Blob[] = []
  let end = 0
  let buffer = new ArrayBuffer(0)
  for (const chunk of record.chunks) {
    // The hash of the whole is not asked for again: the chunks have to be all of it, each in its place.
    const value = chunk.at === end && (await chunkValue(file, chunk, store))
    if (!value) return undefined
    end += chunk.bytes
    const blob = value instanceof Blob ? value : new Blob([value])
    if (buffer.byteLength < chunk.bytes) buffer = new ArrayBuffer(chunk.bytes)
    const bytes = await readInto(buffer, blob)
    if ((await hashOf(bytes)) !== chunk.sha256) return undefined
    buffer = bytes.buffer
    // It lies outside of this thread's memory.
    blobs.push(blob)
  }
  return end === file.bytes ? new Blob(blobs) : undefined
}

/** Reads a Blob into one buffer where the browser can: what is allocated anew may lie long before it is collected. */
async function readInto(buffer: ArrayBuffer, blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  let reader: ReadableStreamBYOBReader
  try {
    reader = blob.stream().getReader({ mode: 'byob' })
  } catch {
    return new Uint8Array(await blob.arrayBuffer())
  }
  let at = 0
  let rest = buffer
  while (at < blob.size) {
    const { value, done } = await reader.read(new Uint8Array(rest, at, blob.size - at))
    if (!value || done) break
    rest = value.buffer
    at += value.length
  }
  return new Uint8Array(rest, 0, at)
}

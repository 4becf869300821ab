import type { BestEffortStore } from './best-effort-store'
import { type ExpectedFile, sha256 } from './verify'
import type { ChunkRecord, FileRecord } from './weight-store'

/** Bytes from..to of a file; `to` is the first one behind. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** A file on its way: its bytes, which of them are there, and a chunk in the store for each stretch that filled up. */
export class ResumableFile {
  readonly file: ExpectedFile
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The server's tag of the version that is arriving. */
  etag: string | undefined
  readonly #store: BestEffortStore
  readonly #chunkBytes: number
  /** In the order of their place. Without a hash until they are stored. */
  #chunks: readonly ChunkRecord[] = []
  /** Received and not yet a chunk. */
  #run: Gap = { from: 0, to: 0 }
  /** Settles when all chunks so far are stored. */
  #stored: Promise<void> = Promise.resolve()

  private constructor(file: ExpectedFile, bestEffort: BestEffortStore, chunkBytes: number) {
    this.file = file
    this.bytes = new Uint8Array(file.bytes)
    this.#store = bestEffort
    this.#chunkBytes = chunkBytes
  }

  /** Starts from the chunks in the store that still have their hash; the others are dropped. */
  static async open(file: ExpectedFile, bestEffort: BestEffortStore, chunkBytes: number): Promise<ResumableFile> {
    const partial = new ResumableFile(file, bestEffort, chunkBytes)
    const record = await bestEffort.read((store) => store.file(file.sha256))
    if (!record) return partial
    const { good, bad } = await readChunks(file, record, partial.bytes, bestEffort)
    partial.etag = record.etag
    partial.#chunks = good
    if (bad.length > 0) await bestEffort.write((store) => store.dropChunks(file.sha256, partial.#record(false), bad))
    return partial
  }

  get loaded(): number {
    return this.#chunks.reduce((sum, { bytes }) => sum + bytes, this.#run.to - this.#run.from)
  }

  /** The first stretch that is missing. */
  gap(): Gap | undefined {
    const run = { at: this.#run.from, bytes: this.#run.to - this.#run.from }
    let from = 0
    for (const { at, bytes } of inOrder([...this.#chunks, run])) {
      if (bytes > 0 && at > from) return { from, to: at }
      from = Math.max(from, at + bytes)
    }
    return from < this.file.bytes ? { from, to: this.file.bytes } : undefined
  }

  /** The next `write` continues here. */
  seek(at: number): void {
    this.#cut()
    this.#run = { from: at, to: at }
  }

  /** Returns before the piece is stored: what waits in a connection is lost when that breaks. */
  write(piece: Uint8Array): void {
    this.bytes.set(piece, this.#run.to)
    this.#run = { from: this.#run.from, to: this.#run.to + piece.length }
    while (this.#run.to - this.#run.from >= this.#chunkBytes) this.#cut(this.#chunkBytes)
  }

  /** Stores what is received, however short: nothing of it has to be fetched again. */
  async flush(): Promise<void> {
    this.#cut()
    await this.#stored
  }

  /** Forgets all bytes. */
  async restart(): Promise<void> {
    await this.#stored
    this.etag = undefined
    this.#chunks = []
    this.#run = { from: 0, to: 0 }
    await this.#store.write((store) => store.dropFile(this.file.sha256))
  }

  /** To be called once the whole is verified. */
  async complete(): Promise<void> {
    await this.#store.write((store) => store.putFile(this.file.sha256, this.#record(true)))
  }

  /** Makes a chunk of the first bytes of the run, of all by default. */
  #cut(length = this.#run.to - this.#run.from): void {
    if (length === 0) return
    const { from: at, to } = this.#run
    this.#run = { from: at + length, to }
    const chunk = { at, bytes: length, sha256: '' }
    this.#chunks = inOrder([...this.#chunks, chunk])
    this.#stored = this.#stored.then(() => this.#storeChunk(chunk))
  }

  async #storeChunk(chunk: ChunkRecord): Promise<void> {
    if (!this.#store.writing) return
    // A copy: structured clone of a view would write the whole buffer behind it.
    const bytes = this.bytes.slice(chunk.at, chunk.at + chunk.bytes)
    const hashed = { ...chunk, sha256: await sha256(bytes) }
    this.#chunks = this.#chunks.map((each) => (each === chunk ? hashed : each))
    await this.#store.write((store) => store.putFile(this.file.sha256, this.#record(false), { at: chunk.at, bytes }))
  }

  #record(complete: boolean): FileRecord {
    const chunks = this.#chunks.filter((chunk) => chunk.sha256 !== '')
    return { bytes: this.file.bytes, chunks, etag: this.etag, complete }
  }
}

function inOrder<T extends { readonly at: number }>(chunks: readonly T[]): T[] {
  return [...chunks].sort((one, other) => one.at - other.at)
}

/** The whole file from the store, if it is there and has its hash. */
export async function readStored(
  file: ExpectedFile,
  bestEffort: BestEffortStore,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const record = await bestEffort.read((store) => store.file(file.sha256))
  if (!record?.complete) return undefined
  const bytes = new Uint8Array(file.bytes)
  // The hash of the whole says all; those of the chunks are for finding the damage.
  const { bad } = await readChunks(file, record, bytes, bestEffort, false)
  return bad.length === 0 && (await sha256(bytes)) === file.sha256 ? bytes : undefined
}

/** Copies chunks to their places in `bytes`. Bad: missing, of another length, or (where checked) of another hash. */
export async function readChunks(
  file: ExpectedFile,
  record: FileRecord,
  bytes: Uint8Array<ArrayBuffer>,
  bestEffort: Pick<BestEffortStore, 'read'>,
  check = true,
): Promise<{ good: ChunkRecord[]; bad: ChunkRecord[] }> {
  const good: ChunkRecord[] = []
  const bad: ChunkRecord[] = []
  for (const chunk of record.chunks) {
    const found = await bestEffort.read((store) => store.chunk(file.sha256, chunk.at))
    const fits = found?.length === chunk.bytes && chunk.at + chunk.bytes <= bytes.length
    if (found && fits && (!check || (await sha256(found)) === chunk.sha256)) {
      bytes.set(found, chunk.at)
      good.push(chunk)
    } else bad.push(chunk)
  }
  return { good, bad }
}

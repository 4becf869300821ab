import type { BestEffortStore } from './best-effort-store'
import { type ChunkRecord, type ChunkValue, type FoundPieces, type PartRecord, RECORD_FORMAT, sumOf } from './records'
import { allocate, type ExpectedFile, sha256, verify } from './verify'

/** Bytes from..to of a file; `to` is the first one behind. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** Without a hash until it is stored. */
export type OwnChunk = { -readonly [K in keyof ChunkRecord]: ChunkRecord[K] }

/** For whom a file is downloaded, and in which pieces it is stored. */
export interface PartOptions {
  /** Address of the model. */
  readonly owner: string
  readonly chunkBytes: number
  /** Whether no other tab downloads the file for this model: then the part that it left is continued, else only read. */
  readonly alone: boolean
}

/** What a download puts its bytes into. */
export interface PartialFile {
  readonly file: ExpectedFile
  /** The server's tag of the version that is arriving. */
  etag: string | undefined
  readonly loaded: number
  /** The first stretch that is missing, from a place on. */
  gap(from?: number): Gap | undefined
  /** The next `write` continues here. */
  seek(at: number): void
  /** Returns before the piece is stored: what waits in a connection is lost when that breaks. */
  write(piece: Uint8Array): void | Promise<void>
  /** Whether what is there from a place on begins with other bytes. */
  differs(at: number, piece: Uint8Array): boolean | Promise<boolean>
  /** Stores what is received, however short: nothing of it has to be fetched again. */
  flush(): Promise<void>
  /** Forgets all bytes, and drops those that were stored as part of this download. */
  restart(): Promise<void>
  /** @throws EngineError 'CorruptFile' */
  verify(source: string): Promise<void>
  /** To be called once the whole is verified. Resolves to whether all is stored. */
  complete(): Promise<boolean>
}

/**
 * A file on its way: its bytes, which of them are there, and a chunk in the store for each stretch that filled up. It
 * writes and drops a part of its own; what the store has beside that, it only reads.
 */
export class ResumableFile implements PartialFile {
  readonly file: ExpectedFile
  readonly bytes: Uint8Array<ArrayBuffer>
  etag: string | undefined
  protected readonly store: BestEffortStore
  protected readonly options: PartOptions
  readonly #place: string
  readonly #found: FoundPieces
  /** In the order of their place. */
  protected chunks: readonly OwnChunk[]
  /** Received and not yet a chunk. */
  #run: Gap = { from: 0, to: 0 }
  /** Settles when all chunks so far are stored. */
  protected stored: Promise<void> = Promise.resolve()

  protected constructor(
    file: ExpectedFile,
    bytes: Uint8Array<ArrayBuffer>,
    bestEffort: BestEffortStore,
    options: PartOptions,
    found: FoundPieces = { chunks: [] },
  ) {
    this.file = file
    this.bytes = bytes
    this.etag = found.etag
    this.store = bestEffort
    this.options = options
    this.#found = found
    this.#place = found.place ?? Math.random().toString(36).slice(2)
    this.chunks = inOrder(found.chunks)
  }

  /** Starts from the chunks in the store that still have their hash. */
  static async open(file: ExpectedFile, bestEffort: BestEffortStore, options: PartOptions): Promise<ResumableFile> {
    const bytes = await allocate(file)
    return new ResumableFile(file, bytes, bestEffort, options, await piecesOf(file, bestEffort, options, bytes))
  }

  get loaded(): number {
    return sumOf(this.chunks) + this.#run.to - this.#run.from
  }

  gap(from = 0): Gap | undefined {
    const run = { at: this.#run.from, bytes: this.#run.to - this.#run.from }
    for (const { at, bytes } of inOrder([...this.chunks, run])) {
      if (bytes > 0 && at > from) return { from, to: at }
      from = Math.max(from, at + bytes)
    }
    return from < this.file.bytes ? { from, to: this.file.bytes } : undefined
  }

  seek(at: number): void {
    if (at === this.#run.to) return
    this.#cut()
    this.#run = { from: at, to: at }
  }

  write(piece: Uint8Array): void | Promise<void> {
    this.hold(piece, this.#run.to)
    this.#run = { from: this.#run.from, to: this.#run.to + piece.length }
    while (this.#run.to - this.#run.from >= this.options.chunkBytes) this.#cut(this.options.chunkBytes)
  }

  protected hold(piece: Uint8Array, at: number): void {
    this.bytes.set(piece, at)
  }

  /** What to store of a chunk that is cut now, when its turn comes. */
  protected contentOf({ at, bytes }: OwnChunk): () => Uint8Array<ArrayBuffer> {
    // A copy: structured clone of a view would write the whole buffer behind it.
    return () => this.bytes.slice(at, at + bytes)
  }

  differs(at: number, piece: Uint8Array): boolean | Promise<boolean> {
    return piece.some((byte, i) => byte !== this.bytes[at + i])
  }

  async flush(): Promise<void> {
    this.#cut()
    await this.stored
  }

  async restart(): Promise<void> {
    await this.stored
    const part = this.#part()
    this.etag = undefined
    this.chunks = []
    this.#run = { from: 0, to: 0 }
    await this.store.write(async (store) => (await import('./replace')).dropPart(store, this.file.sha256, part))
  }

  verify(source: string): Promise<void> {
    return verify(this.bytes, this.file, source)
  }

  /** What did not find room before is stored now. */
  async complete(): Promise<boolean> {
    const { file } = this
    const late = this.chunks.filter(({ sha256 }) => sha256 === '')
    for (const chunk of late) await this.#storeChunk(chunk, this.contentOf(chunk), sumOf(late))
    if (this.chunks.some(({ sha256 }) => sha256 === '')) return false
    const whole = { ...this.#part(), chunks: this.chunks }
    const { known, place } = this.#found
    return this.store.write(async (store) => {
      // Of what an earlier visit began, pieces may be left over.
      if (known || place || !(await store.addFile(file, whole))) {
        await (await import('./replace')).replaceFile(store, file, whole, known)
      }
    }, file.bytes)
  }

  /** Makes a chunk of the first bytes of the run, of all by default. */
  #cut(length = this.#run.to - this.#run.from): void {
    if (length === 0) return
    const { from: at, to } = this.#run
    this.#run = { from: at + length, to }
    const chunk = { at, bytes: length, sha256: '', place: this.#place }
    this.chunks = inOrder([...this.chunks, chunk])
    const content = this.contentOf(chunk)
    this.stored = this.stored.then(() => this.#storeChunk(chunk, content))
  }

  async #storeChunk(chunk: OwnChunk, content: () => Uint8Array<ArrayBuffer>, verified?: number): Promise<void> {
    if (!this.store.writing) return
    const { at } = chunk
    const bytes = content()
    chunk.sha256 = await sha256(bytes)
    const part = this.#part()
    const written = await this.store.write(
      (store) => store.putPart(this.file.sha256, part, { at, bytes: this.toStore(bytes) }),
      verified,
    )
    if (!written) chunk.sha256 = ''
    this.forget(bytes)
  }

  /** What is stored of a chunk. */
  protected toStore(bytes: Uint8Array<ArrayBuffer>): ChunkValue {
    return bytes
  }

  /** The content of a chunk is not needed any more. */
  protected forget(_bytes: Uint8Array<ArrayBuffer>): void {}

  /** What this download has stored; chunks of the whole or of another part are not its own. */
  #part(): PartRecord {
    const place = this.#place
    const chunks = this.chunks.filter((chunk) => chunk.sha256 !== '' && chunk.place === place)
    return { format: RECORD_FORMAT, owner: this.options.owner, place, bytes: this.file.bytes, chunks, etag: this.etag }
  }
}

/** What the store has of a file, copied to its place in `bytes` where those are given. */
export async function piecesOf(
  file: ExpectedFile,
  bestEffort: BestEffortStore,
  options: PartOptions,
  bytes?: Uint8Array<ArrayBuffer>,
): Promise<FoundPieces | undefined> {
  const found = await bestEffort.read(
    async (store) =>
      (await store.hasFile(file.sha256)) &&
      (await import('./read-stored')).findPieces(file, bytes, bestEffort, options),
  )
  return found || undefined
}

function inOrder<T extends { readonly at: number }>(chunks: readonly T[]): T[] {
  return [...chunks].sort((one, other) => one.at - other.at)
}

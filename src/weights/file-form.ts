import type { PartialFile, PartOptions } from './store/resumable-file'
import type { ExpectedFile } from './store/verify'

/** In what form files are loaded: as bytes (load-files.ts), or past the memory (large-files.ts). */
export interface FileForm<T> {
  /** From the store, if it is there as a whole and has its hash. */
  read(file: ExpectedFile): Promise<T | undefined>
  /** What a download goes into, and what it comes to once that is verified. */
  open(file: ExpectedFile, options: PartOptions): Promise<{ readonly partial: PartialFile; result(): Promise<T> }>
}

/**
 * What serves as well as bytes, past the memory: a `blob`; or nothing, where it is enough that the file is `kept`, and an
 * empty Blob says so. Where the store does not take it, bytes come all the same.
 */
export type LargeForm = 'blob' | 'kept'

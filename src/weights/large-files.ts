/** The weights beside a graph, which go from the network to the store and on to ONNX Runtime past the page's memory. */
import type { FileForm, LargeForm } from './file-form'
import type { BestEffortStore } from './store/best-effort-store'
import { NotStored, StreamedFile, storedBlob } from './store/streamed-file'

export function pastMemory(form: LargeForm, bestEffort: BestEffortStore): FileForm<Blob> {
  const read: FileForm<Blob>['read'] = (file) => storedBlob(file, bestEffort, form === 'kept')
  return {
    read,
    async open(file, options) {
      async function result(): Promise<Blob> {
        const blob = await read(file)
        if (!blob) throw new NotStored(file.path)
        return blob
      }
      return { partial: await StreamedFile.open(file, bestEffort, options), result }
    },
  }
}

/** Resolves to undefined where the store did not take the file: it is then loaded into memory, as small ones are. */
export async function unlessNotStored<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (!(error instanceof NotStored)) throw error
    return undefined
  })
}

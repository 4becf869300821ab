import { throwIfAborted } from '../errors'
import { dataFiles, type Manifest, manifestFile } from '../manifest'
import { anySignal } from '../signals'
import type { EngineProgress } from '../types'
import type { LargeForm } from '../weights/file-form'
import type { FileLoader } from '../weights/load-files'

export interface LoadOptions {
  readonly load: FileLoader
  readonly onProgress?: ((event: EngineProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** What serves as well as bytes for the weights beside a graph. */
  readonly data?: LargeForm | undefined
}

/** Files of a model on their way. */
export interface ModelFiles {
  /** Hands a file over and, with its last use, forgets it: ORT keeps its own copy. */
  take(path: string): Promise<Uint8Array<ArrayBuffer>>
  /** The same of weights beside a graph, in the form that was asked for. */
  takeData(path: string): Promise<Uint8Array<ArrayBuffer> | Blob>
  throwIfFailed(): void
  /** Stops the downloads, waits until they have stored what they got, and says what failed first. */
  end(error: unknown): Promise<unknown>
}

/**
 * Starts to load the files, in the order in which they are needed; a path stands there as often as it is taken. The
 * first failure ends the others.
 */
export function loadFiles(
  manifest: Manifest,
  paths: readonly string[],
  { load, onProgress, signal, data }: LoadOptions,
): ModelFiles {
  const wanted = [...new Set(paths)].map((path) => manifestFile(manifest, path))
  const uses = [...paths]
  // All files are announced first, so that a listener knows the whole from the start.
  for (const { path, bytes } of wanted) {
    onProgress?.({ stage: 'download', file: path, loaded: 0, total: bytes, source: 'network' })
  }
  const failed = new AbortController()
  const either = anySignal(signal, failed.signal)
  const large = new Set(data && dataFiles(manifest))
  const files = new Map(wanted.map((file) => [file.path, load(file, either, large.has(file.path) ? data : undefined)]))
  // The first failure becomes the reason; those that follow from it are not told. The bytes are not kept here.
  const loads = [...files.values()].map((file) =>
    file.then(
      () => {},
      (error) => failed.abort(error),
    ),
  )

  async function takeData(path: string): Promise<Uint8Array<ArrayBuffer> | Blob> {
    const file = files.get(path)
    uses.splice(uses.indexOf(path), 1)
    if (!uses.includes(path)) files.delete(path)
    return file as Promise<Uint8Array<ArrayBuffer> | Blob>
  }
  return {
    take: async (path) => (await takeData(path)) as Uint8Array<ArrayBuffer>,
    takeData,
    throwIfFailed() {
      throwIfAborted(signal)
      failed.signal.throwIfAborted()
    },
    async end(error) {
      failed.abort(error)
      await Promise.all(loads)
      return failed.signal.reason
    },
  }
}

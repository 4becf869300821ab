import { fileAddress } from '../address'
import { throwIfAborted } from '../errors'
import { loadPart } from '../load-part'
import type { WeightSource } from '../types'
import type { FileForm, LargeForm } from './file-form'
import { download } from './net/download'
import type { DownloadOptions } from './net/receive'
import type { Network } from './net/retry'
import { downloadAgain } from './rarely'
import type { BestEffortStore } from './store/best-effort-store'
import { ResumableFile } from './store/resumable-file'
import type { ExpectedFile } from './store/verify'
import { CHUNK_BYTES } from './store/weight-store'
import { announce } from './tabs/announce'
import { fileLock, tryAlone } from './tabs/locks'

export type FileLoader = <T extends LargeForm | undefined = undefined>(
  file: ExpectedFile,
  signal?: AbortSignal,
  form?: T,
) => Promise<Uint8Array<ArrayBuffer> | (T extends LargeForm ? Blob : never)>

/** More connections to one server make none of them faster. */
const FILES_AT_ONCE = 3

/**
 * Loads files of one model, three at a time in the order of the calls: from the store; from there when another tab has
 * downloaded them; or downloaded, verified and stored. The loader rejects with an
 * `EngineError`: 'DownloadFailed', 'CorruptFile' or 'AbortError'. `owner`: the manifest's address; `places`: those that
 * the files lie beside, the first that has a file serves it.
 */
export function createFileLoader(
  owner: string,
  bestEffort: BestEffortStore,
  network: Network,
  chunkBytes: number = CHUNK_BYTES,
  places: readonly string[] = [owner],
): FileLoader {
  const inTurn = atMost(FILES_AT_ONCE)
  // What a connection has under way is memory: of three shards at full speed it was 0.3 GB more (bench/shards.ts).
  const alone = atMost(1)
  const lockOf = ({ sha256 }: ExpectedFile): string => fileLock(sha256, owner)

  function report({ path, bytes }: ExpectedFile, loaded: number, source: WeightSource): void {
    network.progress({ stage: 'download', file: path, loaded, total: bytes, source })
  }

  const asBytes: FileForm<Uint8Array<ArrayBuffer>> = {
    async read(file) {
      const bytes = await bestEffort.read(
        async (store) =>
          (await store.hasFile(file.sha256)) && (await import('./store/read-stored')).readStored(file, bestEffort),
      )
      return bytes || undefined
    },
    async open(file, options) {
      const partial = await ResumableFile.open(file, bestEffort, options)
      return { partial, result: async () => partial.bytes }
    },
  }

  async function fromStore<T>(form: FileForm<T>, file: ExpectedFile, signal?: AbortSignal): Promise<T | undefined> {
    const found = await form.read(file)
    throwIfAborted(signal)
    if (found) report(file, file.bytes, 'store')
    return found
  }

  async function fromNetwork<T>(
    form: FileForm<T>,
    file: ExpectedFile,
    signal: AbortSignal | undefined,
    isAlone: boolean,
  ): Promise<T> {
    const { partial, result } = await form.open(file, { owner, chunkBytes, alone: isAlone })
    throwIfAborted(signal)
    const onBytes = (loaded: number) => {
      report(file, loaded, 'network')
      announce(lockOf(file), loaded, bestEffort.warn)
    }
    if (partial.loaded > 0) report(file, partial.loaded, 'store')
    const [url = owner, ...elsewhere] = places.map((place) => fileAddress(file.path, place))
    // What goes to the store need not lie in the HTTP cache as well.
    const cache = bestEffort.writing ? 'no-store' : 'default'
    const options = { url, network, signal, onBytes, cache } as const
    const from = (change?: Partial<DownloadOptions>) => download(partial, { ...options, ...change })
    await from().catch((error) => downloadAgain(error, from, elsewhere))
    return result()
  }

  async function load<T>(form: FileForm<T>, file: ExpectedFile, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal)
    const stored = await fromStore(form, file, signal)
    if (stored) return stored
    if (!bestEffort.writing) return fromNetwork(form, file, signal, false)
    const work = async (isAlone: boolean) =>
      (await fromStore(form, file, signal)) ?? fromNetwork(form, file, signal, isAlone)
    return (
      (await tryAlone(lockOf(file), () => work(true))) ??
      (await import('./tabs/wait').catch(() => undefined))?.waitFor(lockOf(file), file, work, signal, network) ??
      work(false)
    )
  }

  return ((file, signal, form) =>
    (form ? alone : inTurn)(async () => {
      const large = form && bestEffort.writing && (await loadPart('large-files', import('./large-files')))
      const found = large && (await large.unlessNotStored(load(large.pastMemory(form, bestEffort), file, signal)))
      return found || load(asBytes, file, signal)
    })) as FileLoader
}

/** Runs works in the order of the calls, so many at once. */
function atMost(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

import { loadPart } from '../../load-part'
import type { PartialFile } from '../store/resumable-file'
import { type DownloadOptions, fetchWhole } from './receive'
import { retrying } from './retry'

/**
 * Fetches what is missing of a file, and verifies the whole. What the server says of it decides nothing: its hash does.
 *
 * @throws EngineError 'DownloadFailed', after which what came is kept; 'CorruptFile', after which nothing new is kept;
 * 'AbortError'.
 */
export async function download(partial: PartialFile, options: DownloadOptions): Promise<void> {
  const { url, network, signal } = options
  let best = partial.loaded
  // A download that starts over and over again makes no progress.
  const progressed = () => {
    const before = best
    best = Math.max(best, partial.loaded)
    return best > before
  }
  const server = {}
  const work = async () => {
    try {
      if (!partial.loaded) await fetchWhole(partial, options)
      // A server may send no more than parts, asked for them or not.
      if (partial.gap()) {
        const { fetchRest } = await loadPart('continue-download', import('./continue-download'))
        await fetchRest(partial, options, server)
      }
    } finally {
      await partial.flush()
    }
  }
  await retrying(url, partial.file.path, network, signal, work, progressed)
  try {
    await partial.verify(url)
  } catch (error) {
    await partial.restart()
    throw error
  }
  await partial.complete()
}

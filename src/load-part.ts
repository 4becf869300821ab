import { EngineError } from './errors'
import { waits, within } from './waits'

/**
 * Waits for a script of the engine that is loaded only where it is needed.
 *
 * @throws EngineError 'DownloadFailed' that names it, where it does not come.
 */
export async function loadPart<T>(name: string, loading: Promise<T>): Promise<T> {
  try {
    return await within(waits.partMs, loading)
  } catch (cause) {
    throw new EngineError(
      'DownloadFailed',
      `A part of the engine could not be loaded (${name}: ${(cause as Error).message}). Check the network, and ` +
        'that all files of the build were published.',
      { cause },
    )
  }
}

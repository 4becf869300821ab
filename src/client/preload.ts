import { exposeListener } from '../bridge/listener'
import { throwIfAborted } from '../errors'
import { waits } from '../waits'
import { withCallbackErrors } from './callback-errors'
import { Connection } from './connection'
import { accepted, type EngineOptions, loadOptions } from './engine'
import { checkGiven } from './given'

/**
 * Downloads and verifies a model, and ONNX Runtime as `createEngine` with the same options would use it, and makes
 * nothing of them: a later `createEngine` need not wait for the network. Resolves to whether all of the model is in this
 * browser's store; false where that refuses or has no room. It is continued where it was cancelled.
 *
 * @throws EngineError 'DownloadFailed', 'CorruptFile', 'InvalidManifest', 'InvalidRequest', 'LicenceNotAccepted',
 * 'WorkerCrashed' or 'AbortError'.
 */
export async function preload(options: EngineOptions): Promise<boolean> {
  checkGiven({ signal: options?.signal, onProgress: options?.onProgress })
  throwIfAborted(options?.signal)
  const { request, startWorker, signal, onProgress } = loadOptions(options)
  const connection = new Connection(startWorker())
  try {
    const stored = await withCallbackErrors(signal, async (callSignal, fail) =>
      accepted(
        await connection.call(
          callSignal,
          async (api, id) => api.preload(id, request, exposeListener(onProgress, callSignal, fail)),
          waits.stopLoadingMs,
        ),
      ),
    )
    onProgress?.({ stage: 'preloaded' })
    if (stored && options.persist !== false) void navigator.storage?.persist?.()
    return stored
  } finally {
    connection.end()
  }
}

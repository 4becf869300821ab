import type { LoadRequest } from '../bridge/messages'
import { loadFiles } from '../model/files'
import { drawingFiles, textFiles } from '../model/parts'
import { usableGpu } from '../runtime/device'
import { loadOrt } from '../runtime/ort'
import { startAndTell } from '../runtime/start'
import type { EngineProgress } from '../types'
import { openFiles } from './open-on'

/**
 * Brings a model and ONNX Runtime here: every file is downloaded, verified and stored, past the memory where it can be.
 * Resolves to whether all of the model is in this browser's store.
 *
 * @throws EngineError of the loader and of ONNX Runtime.
 */
export async function preloadModel(
  request: LoadRequest,
  onProgress: (event: EngineProgress) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const { manifest, load, finish, fetchForLater, close } = await openFiles(request, onProgress, signal)
  const paths = [...new Set([...textFiles(manifest), ...drawingFiles(manifest)])]
  const files = loadFiles(manifest, paths, { load, onProgress, signal, data: 'kept' })
  /** One after the other, so that each is let go before the next is looked at. */
  async function take(): Promise<void> {
    for (const path of paths) await files.takeData(path)
    files.throwIfFailed()
  }
  try {
    const gpu = await usableGpu(request.backend, manifest.requires)
    await Promise.all([startAndTell(await loadOrt(gpu ? 'webgpu' : 'wasm', request.wasmPaths), onProgress), take()])
    const whole = await finish()
    fetchForLater()
    return whole
  } catch (error) {
    throw await files.end(error)
  } finally {
    close()
  }
}

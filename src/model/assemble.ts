import type { Manifest } from '../manifest'
import type { Model } from '../pipeline'
import { startAndTell } from '../runtime/start'
import type { Latent } from '../types'
import { type LoadOptions, loadFiles } from './files'
import { drawingFiles, openDrawing, openTextEncoders, type Platform, textFiles } from './parts'
import { Sessions } from './sessions'

/**
 * Loads a model's files and puts text encoders, student and decoder together on a platform. Each is made as soon as its
 * file is there, while later ones still download. The first failure ends the other downloads.
 *
 * @throws EngineError of the loader; 'ModelFailed'.
 */
export async function assemble<L extends Latent>(
  manifest: Manifest,
  platform: Platform<L>,
  options: LoadOptions,
): Promise<Model<L>> {
  const { onProgress } = options
  const data = platform.blobs ? 'blob' : undefined
  const files = loadFiles(manifest, [...textFiles(manifest), ...drawingFiles(manifest)], { ...options, data })
  const runtime = startAndTell(platform.ort, onProgress)
  // A session that needs it fails as well, and is told then.
  runtime.catch(() => {})
  const sessions = new Sessions(platform.ort, files, manifest.textEncoders.length + 2, new Map(), onProgress)
  try {
    const model = {
      ...{ manifest, backend: platform.backend },
      promptEncoder: await openTextEncoders(manifest, platform, files, sessions),
      ...(await openDrawing(manifest, platform, sessions)),
    }
    files.throwIfFailed()
    await runtime
    onProgress?.({ stage: 'ready', backend: platform.backend })
    return model
  } catch (error) {
    throw await files.end(error)
  }
}

import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { EngineError, throwIfAborted } from '../errors'
import type { CpuLatent } from '../kernels/cpu'
import { type Manifest, withVariant } from '../manifest'
import { parseManifest } from '../manifest/parse'
import { assemble } from '../model/assemble'
import { createCpuPlatform } from '../model/cpu-platform'
import { PartsInTurn } from '../model/in-turn'
import { type Model, Pipeline } from '../pipeline'
import { loadOrt } from '../runtime/ort'
import type { BackendReport, EngineProgress } from '../types'
import type { FileLoader } from '../weights/load-files'
import { verify } from '../weights/store/verify'
import { readPlain } from './read-plain'

/** As on the network, far beyond any manifest. */
const MAX_MANIFEST_BYTES = 1_000_000

const BACKEND: BackendReport = { name: 'wasm', reason: 'Node runs ONNX Runtime as WASM.' }

export interface ModelOnDisk {
  /** With the graphs for WASM. */
  readonly manifest: Manifest
  /** Holds the files that the manifest names. */
  readonly folder: string
}

/**
 * Reads a manifest.json, given itself or by its folder. `float32`: with the graphs that a GPU draws with, where WASM has
 * others. Throws `DownloadFailed` for a missing file, or `InvalidManifest`.
 */
export async function findModel(path: string, float32 = false): Promise<ModelOnDisk> {
  const manifestPath = (await isFolder(path)) ? join(path, 'manifest.json') : resolve(path)
  const manifest = parseManifest(parseJson(await read(manifestPath, MAX_MANIFEST_BYTES), manifestPath))
  const variants = float32
    ? manifest.variants.filter(({ requires }) => !requires.features.includes('wasm'))
    : manifest.variants
  return { manifest: withVariant({ ...manifest, variants }), folder: dirname(manifestPath) }
}

/**
 * Opens a model. Its files are verified as downloads are. Throws `DownloadFailed` for a missing file, `CorruptFile`, or
 * `ModelFailed`.
 */
export async function loadModel(
  { manifest, folder }: ModelOnDisk,
  onProgress?: (event: EngineProgress) => void,
): Promise<Model<CpuLatent>> {
  const ort = await loadOrt()
  const platform = createCpuPlatform(ort, BACKEND)
  const model = await assemble(manifest, platform, { load: createDiskLoader(folder), onProgress })
  // Node holds its event loop up once until V8 has optimised ORT's WASM (2 s): here, where no timing counts it.
  await setImmediate()
  return model
}

/** Opens a model as its manifest says: all of it, or part after part as a picture needs them. */
export async function openPipeline(
  disk: ModelOnDisk,
  onProgress?: (event: EngineProgress) => void,
): Promise<Pipeline<CpuLatent>> {
  if (disk.manifest.residency === 'together') return new Pipeline(await loadModel(disk, onProgress))
  const platform = createCpuPlatform(await loadOrt(), BACKEND)
  const load = createDiskLoader(disk.folder)
  return new Pipeline(new PartsInTurn<CpuLatent>(disk.manifest, BACKEND, load, async () => ({ platform, close() {} })))
}

export function createDiskLoader(folder: string): FileLoader {
  return async (file, signal) => {
    throwIfAborted(signal)
    const path = join(folder, file.path)
    // One byte more may be there than was promised, for `verify` to tell.
    const bytes = await read(path, file.bytes + 1)
    await verify(bytes, file, path)
    return bytes
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function read(path: string, mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  return readPlain(path, mostBytes).catch((error: Error) => {
    throw new EngineError('DownloadFailed', `${path} ${error.message}. Check the path to the model.`, {
      cause: error.cause ?? error,
    })
  })
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new EngineError('InvalidManifest', `${path} is not JSON. Give the path of a model's manifest.json.`, {
      cause,
    })
  }
}

import { EngineError, throwIfAborted } from '../errors'
import { type Manifest, manifestFile, namedFiles } from '../manifest'
import type { Model } from '../pipeline'
import type { TensorBridge } from '../runtime/bridge'
import { OrtDecoder } from '../runtime/decoder'
import { OrtDenoiser } from '../runtime/denoiser'
import { createSession, type ExternalData, type Ort } from '../runtime/ort'
import { OrtTextEncoder } from '../runtime/text-encoder'
import { createTokenizer } from '../text/tokenizer'
import type { BackendReport, EngineProgress, Kernels, Latent } from '../types'
import type { FileLoader } from '../weights/load-files'
import { createLazyPictureEncoder } from './lazy-picture-encoder'
import { createPromptEncoder, type TextEncoderPart } from './prompt-encoder'

/** Where a model runs: kernels and the bridge to ONNX Runtime, for one kind of latent. */
export interface Platform<L extends Latent> {
  readonly ort: Ort
  readonly backend: BackendReport
  readonly kernels: Kernels<L>
  readonly bridge: TensorBridge<L>
  readonly gpuIdle?: () => Promise<unknown>
}

export interface LoadOptions {
  readonly load: FileLoader
  readonly onProgress?: ((event: EngineProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Loads a model's files and puts text encoders, student and decoder together on a platform. Each is made as soon as its
 * file is there, while later ones still download. The first failure ends the other downloads.
 */
export async function assemble<L extends Latent>(
  manifest: Manifest,
  platform: Platform<L>,
  { load, onProgress, signal }: LoadOptions,
): Promise<Model<L>> {
  const { ort, backend, bridge, kernels, gpuIdle } = platform
  const { textEncoders, denoiser, decoder, encoder } = manifest
  const paths = namedFiles(manifest).map(([, path]) => path)
  const files = startLoading(manifest, paths, { load, onProgress, signal })
  const count = textEncoders.length + 2
  let index = 0

  async function take({
    file,
    data,
  }: Pick<Manifest['denoiser'], 'file' | 'data'>): Promise<[graph: Uint8Array, weights: ExternalData[]]> {
    const graph = await files.take(file)
    const weights: ExternalData[] = []
    for (const path of data) weights.push({ path, data: await files.take(path) })
    return [graph, weights]
  }

  async function session(graph: Parameters<typeof take>[0], execution = bridge.execution) {
    const [bytes, weights] = await take(graph)
    files.throwIfFailed()
    onProgress?.({ stage: 'compile', file: graph.file, index: index++, count })
    return createSession(ort, graph.file, bytes, execution, weights)
  }

  async function textEncoder(signature: Manifest['textEncoders'][number]): Promise<TextEncoderPart> {
    const { tokenizer } = signature
    const [words, config] = [await files.take(tokenizer.file), await files.take(tokenizer.config)]
    const execution = signature.backend === 'wasm' ? ({ name: 'wasm' } as const) : bridge.execution
    return {
      tokenizer: createTokenizer(json(words, tokenizer.file), json(config, tokenizer.config), tokenizer),
      encoder: new OrtTextEncoder(ort, await session(signature, execution), signature),
    }
  }

  try {
    // One after the other: ORT's session creations must not overlap.
    const parts: TextEncoderPart[] = []
    for (const signature of textEncoders) parts.push(await textEncoder(signature))
    const model = {
      ...{ manifest, backend, kernels },
      promptEncoder: createPromptEncoder(parts),
      denoiser: new OrtDenoiser(ort, await session(denoiser), bridge, denoiser),
      decoder: new OrtDecoder(await session(decoder), bridge, decoder, manifest.picture.channels),
      ...(encoder && {
        pictureEncoder: createLazyPictureEncoder(ort, await take(encoder), bridge, {
          ...{ ...encoder, ...manifest.picture, latentChannels: denoiser.latentChannels },
          pixelsPerCell: decoder.pixelsPerCell,
        }),
      }),
      ...(gpuIdle && { gpuIdle }),
    }
    files.throwIfFailed()
    onProgress?.({ stage: 'ready', backend })
    return model
  } catch (error) {
    throw await files.end(error)
  }
}

function startLoading(manifest: Manifest, paths: readonly string[], { load, onProgress, signal }: LoadOptions) {
  const wanted = [...new Set(paths)].map((path) => manifestFile(manifest, path))
  const uses = [...paths]
  // All files are announced first, so that a listener knows the whole from the start.
  for (const { path, bytes } of wanted) {
    onProgress?.({ stage: 'download', file: path, loaded: 0, total: bytes, source: 'network' })
  }
  const failed = new AbortController()
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  const files = new Map(wanted.map((file) => [file.path, load(file, either)]))
  // The first failure becomes the reason; those that follow from it are not told. The bytes are not kept here.
  const loads = [...files.values()].map((file) =>
    file.then(
      () => {},
      (error) => failed.abort(error),
    ),
  )

  return {
    /** Hands a file over and, with its last use, forgets it: ORT keeps its own copy. */
    async take(path: string): Promise<Uint8Array<ArrayBuffer>> {
      const file = files.get(path) as Promise<Uint8Array<ArrayBuffer>>
      uses.splice(uses.indexOf(path), 1)
      if (!uses.includes(path)) files.delete(path)
      return file
    },
    throwIfFailed(): void {
      throwIfAborted(signal)
      failed.signal.throwIfAborted()
    },
    /** Stops the downloads, waits until they have stored what they got, and says what failed first. */
    async end(error: unknown): Promise<unknown> {
      failed.abort(error)
      await Promise.all(loads)
      return failed.signal.reason
    },
  }
}

function json(bytes: Uint8Array<ArrayBuffer>, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new EngineError('ModelFailed', `${path} is not JSON. Export the model again.`, { cause })
  }
}

import { loadPart } from '../load-part'
import type { Manifest } from '../manifest'
import { filesOfGraph } from '../manifest'
import type { DrawingModel } from '../pipeline'
import type { TensorBridge } from '../runtime/bridge'
import { OrtDecoder } from '../runtime/decoder'
import { OrtDenoiser } from '../runtime/denoiser'
import type { Ort, Session } from '../runtime/ort'
import { OrtTextEncoder } from '../runtime/text-encoder'
import { readTokenizer } from '../text/tokenizer'
import type { BackendReport, Kernels, Latent, PictureEncoder, PromptEncoder } from '../types'
import type { ModelFiles } from './files'
import { createPromptEncoder, type TextEncoderPart } from './prompt-encoder'
import type { Sessions } from './sessions'

/** Where a model runs: kernels and the bridge to ONNX Runtime, for one kind of latent. */
export interface Platform<L extends Latent> {
  readonly ort: Ort
  readonly backend: BackendReport
  readonly kernels: Kernels<L>
  readonly bridge: TensorBridge<L>
  readonly gpuIdle?: () => Promise<unknown>
  /** Whether this build of ONNX Runtime reads weights from Blobs. */
  readonly blobs?: boolean
}

/** What a phase takes of a model's files, as often as it does, in the order in which it does. */
export function textFiles({ textEncoders }: Manifest): string[] {
  return textEncoders.flatMap((encoder) => [
    ...[encoder.tokenizer.file, encoder.tokenizer.config],
    ...filesOfGraph(encoder).map(([, path]) => path),
  ])
}

export function drawingFiles({ denoiser, decoder, encoder }: Manifest): string[] {
  return [denoiser, decoder, ...(encoder ? [encoder] : [])].flatMap((graph) =>
    filesOfGraph(graph).map(([, path]) => path),
  )
}

export async function openTextEncoders<L extends Latent>(
  { textEncoders }: Manifest,
  { ort, bridge }: Platform<L>,
  files: ModelFiles,
  sessions: Sessions,
): Promise<PromptEncoder> {
  const parts: TextEncoderPart[] = []
  for (const signature of textEncoders) {
    const { tokenizer, backend } = signature
    const [words, config] = [await files.take(tokenizer.file), await files.take(tokenizer.config)]
    const execution = backend === 'wasm' ? ({ name: 'wasm' } as const) : bridge.execution
    parts.push({
      tokenizer: await readTokenizer(words, config, tokenizer),
      encoder: new OrtTextEncoder(ort, await sessions.open(signature, execution), signature),
    })
  }
  return createPromptEncoder(parts)
}

export async function openDrawing<L extends Latent>(
  manifest: Manifest,
  { ort, bridge, kernels, gpuIdle }: Platform<L>,
  sessions: Sessions,
): Promise<DrawingModel<L>> {
  const { denoiser, decoder, encoder, picture } = manifest
  return {
    kernels,
    denoiser: new OrtDenoiser(ort, await sessions.open(denoiser, bridge.execution), bridge, denoiser),
    decoder: new OrtDecoder(await sessions.open(decoder, bridge.execution), bridge, decoder, picture.channels),
    ...(encoder && {
      pictureEncoder: openedOnce(await sessions.later(encoder, bridge.execution), async (session) => {
        const { OrtPictureEncoder } = await loadPart('picture-encoder', import('../runtime/picture-encoder'))
        const { latentChannels } = denoiser
        const { pixelsPerCell } = decoder
        return new OrtPictureEncoder(await session(), bridge, { ...encoder, ...picture, latentChannels, pixelsPerCell })
      }),
    }),
    ...(gpuIdle && { gpuIdle }),
  }
}

/** Of a model with an encoder, whose code and session come with the first picture to encode: most have none. */
function openedOnce<L extends Latent>(
  session: () => Promise<Session>,
  open: (session: () => Promise<Session>) => Promise<PictureEncoder<L>>,
): PictureEncoder<L> {
  let opening: Promise<PictureEncoder<L>> | undefined
  return {
    async encode(...args) {
      opening ??= open(session).catch((error) => {
        opening = undefined // The next picture tries again.
        throw error
      })
      return (await opening).encode(...args)
    },
  }
}

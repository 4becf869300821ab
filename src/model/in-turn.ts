import type { Manifest } from '../manifest'
import type { DrawingModel, ModelInTurn, PhaseListener } from '../pipeline'
import type { BackendReport, Conditioning, Latent, PromptEncoder } from '../types'
import type { FileLoader } from '../weights/load-files'
import type { AttentionChecks } from './attention-check'
import { type LoadOptions, loadFiles, type ModelFiles } from './files'
import { drawingFiles, openDrawing, openTextEncoders, type Platform, textFiles } from './parts'
import { Sessions } from './sessions'

/** A platform for one phase. On a GPU a device of its own: only a destroyed device gives its memory back. */
export interface PhasePlatform<L extends Latent> {
  readonly platform: Platform<L>
  close(): void
}

interface OpenPhase {
  release(): Promise<void>
}
interface TextPhase extends OpenPhase {
  readonly promptEncoder: PromptEncoder
}
interface DrawingPhase<L extends Latent> extends OpenPhase {
  readonly drawing: DrawingModel<L>
}

/** The text encoders in memory, or the student and the decoder, never both: `residency: 'in turn'`. */
export class PartsInTurn<L extends Latent> implements ModelInTurn<L> {
  readonly manifest: Manifest
  readonly backend: BackendReport
  readonly #load: FileLoader
  readonly #openPlatform: () => Promise<PhasePlatform<L>>
  readonly #checks: AttentionChecks = new Map()
  #text: TextPhase | undefined
  #drawing: DrawingPhase<L> | undefined

  constructor(
    manifest: Manifest,
    backend: BackendReport,
    load: FileLoader,
    openPlatform: () => Promise<PhasePlatform<L>>,
  ) {
    this.manifest = manifest
    this.backend = backend
    this.#load = load
    this.#openPlatform = openPlatform
  }

  /** Downloads what is missing, so that no prompt has to wait for a server: past the memory, which it need not fit. */
  async download({ onProgress, signal }: PhaseListener): Promise<void> {
    const paths = [...new Set([...textFiles(this.manifest), ...drawingFiles(this.manifest)])]
    const files = loadFiles(this.manifest, paths, { load: this.#load, onProgress, signal, data: 'kept' })
    try {
      for (const path of paths) await files.takeData(path)
      files.throwIfFailed()
    } catch (error) {
      throw await files.end(error)
    }
    onProgress?.({ stage: 'ready', backend: this.backend })
  }

  async encode(text: string, listener: PhaseListener): Promise<Conditioning> {
    await this.#release('drawing')
    this.#text ??= await this.#openText(listener)
    return this.#text.promptEncoder.encode(text)
  }

  async drawing(listener: PhaseListener): Promise<DrawingModel<L>> {
    await this.#release('text')
    this.#drawing ??= await this.#openDrawing(listener)
    return this.#drawing.drawing
  }

  #openText(listener: PhaseListener): Promise<TextPhase> {
    const { manifest } = this
    const count = manifest.textEncoders.length
    return this.#open(textFiles(manifest), count, listener, async (platform, files, sessions) => ({
      promptEncoder: await openTextEncoders(manifest, platform, files, sessions),
    }))
  }

  #openDrawing(listener: PhaseListener): Promise<DrawingPhase<L>> {
    const { manifest } = this
    return this.#open(drawingFiles(manifest), 2, listener, async (platform, _, sessions) => ({
      drawing: await openDrawing(manifest, platform, sessions),
    }))
  }

  async #release(phase: 'text' | 'drawing'): Promise<void> {
    const open = phase === 'text' ? this.#text : this.#drawing
    if (phase === 'text') this.#text = undefined
    else this.#drawing = undefined
    await open?.release()
  }

  async #open<T>(
    paths: readonly string[],
    count: number,
    { onProgress, signal }: PhaseListener,
    make: (platform: Platform<L>, files: ModelFiles, sessions: Sessions) => Promise<T>,
  ): Promise<T & OpenPhase> {
    const { platform, close } = await this.#openPlatform()
    const options: LoadOptions = { load: this.#load, onProgress, signal, data: platform.blobs ? 'blob' : undefined }
    const files = loadFiles(this.manifest, paths, options)
    const sessions = new Sessions(platform.ort, files, count, this.#checks, onProgress)
    async function release(): Promise<void> {
      await sessions.release().finally(close)
    }
    try {
      const parts = await make(platform, files, sessions)
      files.throwIfFailed()
      return { ...parts, release }
    } catch (error) {
      const reason = await files.end(error)
      await release().catch(() => {}) // What failed first is told.
      throw reason
    }
  }
}

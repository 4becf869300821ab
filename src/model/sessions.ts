import { loadPart } from '../load-part'
import { filesOfGraph, type GraphEntry } from '../manifest'
import { createSession, type Execution, type Ort, type Session } from '../runtime/ort'
import type { EngineProgress } from '../types'
import type { AttentionChecks, Taken } from './attention-check'
import type { ModelFiles } from './files'

/** Opens sessions of one device, one after the other as ORT's creations must not overlap, and releases them together. */
export class Sessions {
  readonly #ort: Ort
  readonly #files: ModelFiles
  readonly #count: number
  readonly #checks: AttentionChecks
  readonly #onProgress: ((event: EngineProgress) => void) | undefined
  readonly #open: Session[] = []

  /** `count`: how many will be opened. */
  constructor(
    ort: Ort,
    files: ModelFiles,
    count: number,
    checks: AttentionChecks,
    onProgress?: (event: EngineProgress) => void,
  ) {
    this.#ort = ort
    this.#files = files
    this.#count = count
    this.#checks = checks
    this.#onProgress = onProgress
  }

  async open(graph: GraphEntry, execution: Execution): Promise<Session> {
    const taken = await this.#take(graph)
    this.#onProgress?.({ stage: 'compile', file: graph.file, index: this.#open.length, count: this.#count })
    return this.#create(graph, execution, taken)
  }

  /** Takes a graph's files now; what it resolves to opens the session when that is needed. */
  async later(graph: GraphEntry, execution: Execution): Promise<() => Promise<Session>> {
    const taken = await this.#take(graph)
    return () => this.#create(graph, execution, taken)
  }

  /** All of a graph's files, also those of the form that is not opened. */
  async #take(graph: GraphEntry): Promise<Taken> {
    const taken = new Map<string, Uint8Array | Blob>()
    for (const [, path] of filesOfGraph(graph)) taken.set(path, await this.#files.takeData(path))
    this.#files.throwIfFailed()
    return taken
  }

  async #create(graph: GraphEntry, execution: Execution, taken: Taken): Promise<Session> {
    let { file } = graph
    if (graph.fused) {
      const { chooseFile } = await loadPart('attention-check', import('./attention-check'))
      file = await chooseFile(this.#ort, graph, taken, execution, this.#checks, this.#onProgress)
    }
    const data = graph.data.map((path) => ({ path, data: taken.get(path) as Uint8Array | Blob }))
    const bytes = taken.get(file) as Uint8Array
    const session = await createSession(this.#ort, file, bytes, execution, data, graph.graphOptimizationLevel)
    this.#open.push(session)
    return session
  }

  async release(): Promise<void> {
    for (const session of this.#open.splice(0)) await session.release()
  }
}

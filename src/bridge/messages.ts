import type { ModelInfo } from '../manifest'
import type { BackendName, BackendReport } from '../types'

/** What the page asks of a fresh worker. */
export interface LoadRequest {
  /** Absolute address of manifest.json. */
  readonly manifest: string
  readonly backend: 'auto' | BackendName
  readonly wasmPaths?: string | undefined
}

/** What the worker has loaded. */
export interface LoadReport {
  readonly model: ModelInfo
  readonly backend: BackendReport
  /** Whether the whole model is in this browser's store. */
  readonly stored: boolean
}

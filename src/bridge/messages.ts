import type { Notice } from '../errors'
import type { ModelInfo } from '../manifest'
import type { BackendName, BackendReport } from '../types'

/** What the page asks of a fresh worker. */
export interface LoadRequest {
  /** Absolute address of manifest.json. */
  readonly manifest: string
  readonly backend: 'auto' | BackendName
  /** Why WASM is asked for, where the engine does. */
  readonly because?: string | undefined
  readonly wasmPaths?: string | undefined
  readonly acceptLicence?: string | undefined
  readonly page?: string | undefined
  /** Why the stored version of the model is wanted, where the engine says so. */
  readonly stored?: string | undefined
}

/** What an error loses on its way to the page. */
export interface LicenceRefusal {
  readonly message: string
  readonly notice: Notice
}

/** What the worker has loaded. */
export interface LoadReport {
  readonly model: ModelInfo
  readonly backend: BackendReport
  /** Whether the whole model is in this browser's store. */
  readonly stored: boolean
}

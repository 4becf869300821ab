import { EngineError } from '../../errors'
import { megabytes } from '../store/quota'

/** True only where the browser is sure. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false
}

/** `DownloadFailed` that names what the store lacks; `missing` is undefined where nothing is known of the model. */
export function offlineError(
  missing: readonly { readonly path: string; readonly bytes: number }[] | undefined,
  cause: unknown,
): EngineError {
  const bytes = missing?.reduce((sum, file) => sum + file.bytes, 0) ?? 0
  const files = missing?.map((file) => `${file.path} (${megabytes(file.bytes)})`).join(', ')
  const what = missing
    ? `${megabytes(bytes)} of it are not stored yet: ${files}`
    : 'nothing that this version can use is stored'
  return new EngineError(
    'DownloadFailed',
    `You are offline, and the model is not here: ${what}. Connect and try again; what is stored is kept.`,
    { cause },
  )
}

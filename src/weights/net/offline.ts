import { EngineError } from '../../errors'
import type { BestEffortStore } from '../store/best-effort-store'
import { megabytes } from '../store/quota'
import { missingFiles } from '../store/read-stored'
import type { ExpectedFile } from '../store/verify'

/** `DownloadFailed` that names what the store lacks; `files` is undefined where nothing is known of the model. */
export async function offlineError(
  bestEffort: BestEffortStore,
  address: string,
  files: readonly ExpectedFile[] | undefined,
  cause: unknown,
): Promise<EngineError> {
  const missing = files && (await bestEffort.read((store) => missingFiles(store, files, address)))
  const bytes = missing?.reduce((sum, file) => sum + file.bytes, 0) ?? 0
  const named = missing?.map((file) => `${file.path} (${megabytes(file.bytes)})`).join(', ')
  const what = missing
    ? `${megabytes(bytes)} of it are not stored yet: ${named}`
    : 'nothing that this version can use is stored'
  return new EngineError(
    'DownloadFailed',
    `You are offline, and the model is not here: ${what}. Connect and try again; what is stored is kept.`,
    { cause },
  )
}

import { fileAddress, manifestAddress, pageAddress, placeOf } from '../address'
import { EngineError, isEngineError } from '../errors'

/** The manifest's optional entry: the models that have a vocabulary name it, always so. */
const ENTRY = 'vocabulary.json'

/** Fetches a file that lies beside the model's manifest, as JSON; undefined where the server has none. */
export type LoadPart = (file: string) => Promise<unknown>

/** Files of the shipped model have at most 0.2 MB. */
const MOST_BYTES = 8_000_000
const PATIENCE_MS = 20_000

/**
 * From the server that has the manifest, with the same query, as signed folders need.
 *
 * @throws EngineError 'DownloadFailed', 'InvalidManifest', 'InvalidRequest' (for the address).
 */
export function partsBeside(model: string | URL): LoadPart {
  const place = placeOf(manifestAddress(model), pageAddress())
  return (file) => fetchJson(fileAddress(file, place), file)
}

async function fetchJson(address: string, file: string): Promise<unknown> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (response.status === 404 || response.status === 410) return undefined
    if (!response.ok) throw new Error(`The server answered ${response.status}.`)
    const text = await response.text()
    if (text.length > MOST_BYTES) throw new Error(`It has ${text.length} characters.`)
    return json(text, file)
  } catch (cause) {
    if (isEngineError(cause, 'InvalidManifest')) throw cause
    throw new EngineError('DownloadFailed', `${file} did not come. Check the connection and try again.`, { cause })
  }
}

/** Some servers answer an address that they do not have with a page. */
function json(text: string, file: string): unknown {
  if (text.trimStart().startsWith('<')) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineError('InvalidManifest', `${file} is not JSON. Write the file again.`, { cause })
  }
}

/**
 * Whether the manifest names a vocabulary: a server should not be asked for what its model does not have. Where the
 * manifest does not come, as offline, the vocabulary may be in a cache all the same.
 */
export async function hasVocabulary(model: string | URL): Promise<boolean> {
  const manifest = await fetchJson(manifestAddress(model), 'manifest.json').catch(() => ({ vocabulary: ENTRY }))
  return Object(manifest).vocabulary === ENTRY
}

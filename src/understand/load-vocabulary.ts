import { fileAddress, manifestAddress, pageAddress, placeOf } from '../address'
import { EngineError, isEngineError } from '../errors'
import { waits } from '../waits'

/** The manifest's optional entry: the models that have a vocabulary name it, always so. */
const ENTRY = 'vocabulary.json'

/** Fetches a file that lies beside the model's manifest, as JSON; undefined where the server has none. */
export type LoadPart = (file: string) => Promise<unknown>

/** Files of the shipped model have at most 0.2 MB. So much, of anybody's model, is parsed within milliseconds. */
const MOST_BYTES = 1_000_000

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
    const response = await fetch(address, { signal: AbortSignal.timeout(waits.vocabularyMs) })
    if (response.status === 404 || response.status === 410) return undefined
    if (!response.ok) throw new Error(`The server answered ${response.status}.`)
    return json(await boundedText(response), file)
  } catch (cause) {
    if (isEngineError(cause, 'InvalidManifest')) throw cause
    throw new EngineError('DownloadFailed', `${file} did not come. Check the connection and try again.`, { cause })
  }
}

/** Stops reading at the limit: a compressed body of a megabyte may have no end. */
async function boundedText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  const reader = body?.getReader()
  for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
    bytes += piece.value.length
    if (bytes > MOST_BYTES) {
      void reader?.cancel().catch(() => {})
      throw new Error(`It has more than ${MOST_BYTES} bytes.`)
    }
    text += decoder.decode(piece.value, { stream: true })
  }
  return text
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

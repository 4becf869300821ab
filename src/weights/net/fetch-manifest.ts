import { EngineError, isEngineError, throwIfAborted } from '../../errors'
import { type Manifest, parseManifest, usedFiles, withVariant } from '../../manifest'
import type { BestEffortStore } from '../store/best-effort-store'
import type { StoredVersion } from '../store/records'
import { kind, request } from './http'
import { Interrupted, type Network, retrying } from './retry'

/** Where a copy is stored, the server's is waited for no longer than this. */
const PATIENCE_MS = 8_000

/** 8 MB, far beyond any manifest: the default model's has 5 kB. */
const MAX_BYTES = 8_000_000

/** Picks the graphs for the device that will run them; files of the others are not fetched. */
export type ChooseVariant = (manifest: Manifest) => Manifest | Promise<Manifest>

export interface FoundManifest {
  /** With the chosen graphs, and without variants. */
  readonly manifest: Manifest
  readonly version: StoredVersion
  /** Why the stored copy is used in place of the server's. */
  readonly problem?: string
}

/**
 * The manifest at an address: the server's, or, where that cannot be reached, the stored one. Without `choose` with the
 * graphs for WASM.
 *
 * @throws EngineError 'DownloadFailed', 'InvalidManifest' or 'AbortError'.
 */
export async function findManifest(
  address: string,
  bestEffort: BestEffortStore,
  network: Network,
  signal: AbortSignal | undefined,
  choose: ChooseVariant = withVariant,
): Promise<FoundManifest> {
  const stored = await bestEffort.read(
    async (store) =>
      (await store.hasModel(address)) &&
      (await import('../store/versions')).readableVersion(store, address, ({ manifest }) => parsed(manifest, choose)),
  )
  if (!stored) {
    const once = () => fetchManifest(address, network.stallMs, signal)
    return parsed(await retrying(address, 'manifest.json', network, signal, once), choose)
  }
  let json: unknown
  try {
    json = await fetchManifest(address, Math.min(PATIENCE_MS, network.stallMs), signal)
  } catch (error) {
    throwIfAborted(signal)
    // No connection, a stall, 5xx; or a page in its place, as captive portals answer.
    if (!(error instanceof Interrupted) && !isEngineError(error, 'InvalidManifest')) throw error
    return { ...stored, problem: (error as Error).message }
  }
  return parsed(json, choose)
}

async function parsed(json: unknown, choose: ChooseVariant): Promise<FoundManifest> {
  const manifest = await choose(parseManifest(json))
  const { id, version, name } = manifest
  const files = usedFiles(manifest).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))
  return { manifest, version: { id, version, name, files, manifest: json } }
}

/**
 * Fetches JSON, past any HTTP cache: one bit that flipped on its way would come back from there with every 304.
 *
 * @throws EngineError as `request` does; 'InvalidManifest' for what is not JSON or has no end.
 */
async function fetchManifest(url: string, stallMs: number, signal?: AbortSignal): Promise<unknown> {
  const { response, read, cancel } = await request(url, { cache: 'no-store' }, stallMs, signal)
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (let piece = await read(); piece; piece = await read()) {
    bytes += piece.length
    if (bytes > MAX_BYTES) {
      cancel()
      throw new EngineError('InvalidManifest', `${url} has more than 8 MB. Check the address.`)
    }
    text += decoder.decode(piece, { stream: true })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineError(
      'InvalidManifest',
      `${url} is not JSON${kind(response)}. Check that the address is that of a model's manifest.json.`,
      { cause },
    )
  }
}

import { EngineError, isEngineError, throwIfAborted } from '../../errors'
import { loadPart } from '../../load-part'
import { checkManifest, type Manifest, usedFiles, withVariant } from '../../manifest'
import { Refused } from '../../refused'
import { waits, within } from '../../waits'
import type { BestEffortStore } from '../store/best-effort-store'
import type { StoredVersion } from '../store/records'
import { kind, request } from './http'
import { type Network, retrying } from './retry'

/** 1 MB, far beyond any manifest: the default model's has 8 kB. So much is parsed within milliseconds on any thread. */
const MAX_BYTES = 1_000_000

/** Picks the graphs for the device that will run them; files of the others are not fetched. */
export type ChooseVariant = (manifest: Manifest) => Manifest | Promise<Manifest>

export interface FoundManifest {
  /** With the chosen graphs, and without variants. */
  readonly manifest: Manifest
  readonly version: StoredVersion
  /** Where the server found it: another address where that redirects. Absent for the stored one. */
  readonly url?: string
  /** Why the stored copy is used in place of the server's. */
  readonly problem?: string
}

/**
 * The manifest at an address: the server's, or the stored one where that cannot be had or cannot be used. `without`: why
 * the server is not asked. Without `choose` with the graphs for WASM.
 *
 * @throws EngineError 'DownloadFailed', 'InvalidManifest' or 'AbortError'; as `choose` does.
 */
export async function findManifest(
  address: string,
  bestEffort: BestEffortStore,
  network: Network,
  signal: AbortSignal | undefined,
  choose: ChooseVariant = withVariant,
  without?: string,
): Promise<FoundManifest> {
  const stored = await bestEffort.read(
    async (store) =>
      (await store.hasModel(address)) &&
      (await import('../store/versions')).readableVersion(store, address, ({ manifest }) => parsed(manifest, choose)),
  )
  const ask = async (stallMs: number) => {
    const { json, url } = await fetchManifest(address, stallMs, signal)
    return { ...(await parsed(json, choose)), url }
  }
  if (!stored) return retrying(address, 'manifest.json', network, signal, () => ask(network.stallMs))
  if (without) return { ...stored, problem: without }
  try {
    const patience = Math.min(waits.manifestMs, network.stallMs)
    return await within(patience, ask(patience))
  } catch (error) {
    throwIfAborted(signal)
    // No connection, a stall, 5xx; or a page in its place, as captive portals answer.
    const passes = !(error instanceof EngineError) || isEngineError(error, 'InvalidManifest')
    if (!passes && !stored.whole) throw error
    return { ...stored, problem: (error as Error).message }
  }
}

async function parsed(json: unknown, choose: ChooseVariant): Promise<FoundManifest> {
  const manifest = await choose(await checked(json))
  const { id, version, name } = manifest
  const files = usedFiles(manifest).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))
  return { manifest, version: { id, version, name, files, manifest: json } }
}

/** @throws EngineError 'InvalidManifest', with little of what is wrong where the words for it cannot be loaded. */
async function checked(json: unknown): Promise<Manifest> {
  try {
    return checkManifest(json)
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused
    const words = await loadPart('manifest-problems', import('../../manifest-problems')).catch(() => undefined)
    const few = `manifest.json is wrong (${refused.problem} ${refused.found[0]}). Export the model again.`
    throw words?.manifestError(refused) ?? new EngineError('InvalidManifest', few)
  }
}

/**
 * Fetches JSON, past any HTTP cache: one bit that flipped on its way would come back from there with every 304.
 *
 * @throws EngineError as `request` does; 'InvalidManifest' for what is not JSON or has no end.
 */
async function fetchManifest(
  url: string,
  stallMs: number,
  signal?: AbortSignal,
): Promise<{ json: unknown; url: string }> {
  const { response, read, cancel } = await request(url, { cache: 'no-store' }, stallMs, signal)
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (let piece = await read(); piece; piece = await read()) {
    bytes += piece.length
    if (bytes > MAX_BYTES) {
      cancel()
      throw new EngineError('InvalidManifest', `${url} has more than 1 MB. Check the address.`)
    }
    text += decoder.decode(piece, { stream: true })
  }
  try {
    return { json: JSON.parse(text), url: response.url || url }
  } catch (cause) {
    throw new EngineError(
      'InvalidManifest',
      `${url} is not JSON${kind(response)}. Give the address of a model's manifest.json.`,
      { cause },
    )
  }
}

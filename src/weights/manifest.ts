import { isEngineError, throwIfAborted } from '../errors'
import { type Manifest, parseManifest } from '../manifest'
import type { Keeper } from './keeper'
import { fetchManifest } from './request'
import { Interrupted, type Network, retrying } from './retry'
import type { StoredVersion } from './store'
import { usableVersion } from './stored'

/** With a stored copy at hand nobody waits longer than this for the server's. */
const PATIENCE_MS = 8_000

export interface FoundManifest {
  readonly manifest: Manifest
  readonly version: StoredVersion
  /** Why the stored copy is used in place of the server's. */
  readonly problem?: string
}

/**
 * The manifest at an address: the server's, or, where that cannot be reached, the stored one. Errors: `DownloadFailed`,
 * `InvalidManifest`, `AbortError`.
 */
export async function findManifest(
  address: string,
  keeper: Keeper,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<FoundManifest> {
  const stored = await keeper.read(async (store) => {
    const record = await store.model(address)
    return record && readable(await usableVersion(store, record))
  })
  if (!stored) {
    const once = () => fetchManifest(address, network.stallMs, signal)
    return parsed(await retrying(address, 'manifest.json', network, signal, once))
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
  return parsed(json)
}

/** Undefined for what another version of the engine stored and this one cannot read: the server's is fetched instead. */
function readable({ manifest }: StoredVersion): FoundManifest | undefined {
  try {
    return parsed(manifest)
  } catch {
    return undefined
  }
}

function parsed(json: unknown): FoundManifest {
  const manifest = parseManifest(json)
  const { id, version, name } = manifest
  const files = manifest.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))
  return { manifest, version: { id, version, name, files, manifest: json } }
}

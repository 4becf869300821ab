import { checkManifest, type Manifest } from '../manifest'
import { manifestError } from '../manifest-problems'
import { Refused } from '../refused'

/**
 * Checks a manifest where all of the code is at hand, as in Node; the engine's worker loads the words for an error when
 * there is one (`findManifest`).
 *
 * @throws EngineError 'InvalidManifest' naming the wrong field and the remedy.
 */
export function parseManifest(value: unknown): Manifest {
  try {
    return checkManifest(value)
  } catch (error) {
    throw error instanceof Refused ? manifestError(error) : error
  }
}

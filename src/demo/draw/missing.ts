import { modelSize } from '../../index'
import { pageWaits } from '../shared/page-waits'
import { bytes } from '../shared/words'
import { reachable, whenReachable } from './network'

interface Missing {
  readonly title: string
  readonly message: string
}

/** Why nothing can be drawn without a network yet: what is not on this device, and what to do about it. */
async function describeMissing(model: URL): Promise<Missing> {
  return {
    title: navigator.onLine ? 'The server cannot be reached' : 'You are offline',
    message: `${await missingPart(model)} Get back online: it continues by itself, from where it stopped.`,
  }
}

/** Where there is no connection, tells what is missing. Resolves to whether there is one again before the signal fires. */
export async function onceReachable(
  model: URL,
  signal: AbortSignal,
  tell: (missing: Missing) => void,
): Promise<boolean> {
  if (await reachable(model, signal)) return false // The server answers: the failure's own words are right.
  const missing = await describeMissing(model)
  if (signal.aborted) return false
  tell(missing)
  await whenReachable(model, signal)
  return !signal.aborted
}

async function missingPart(model: URL): Promise<string> {
  try {
    const size = await modelSize(model, { signal: AbortSignal.timeout(pageWaits.sizeMs) })
    return size.missingBytes > 0
      ? `${bytes(size.missingBytes)} of this model’s ${bytes(size.bytes)} are not on this device yet.`
      : 'The model is on this device, but the program that runs it is not yet.'
  } catch {
    return 'This model is not on this device yet.' // Nor is its manifest, which gives its size.
  }
}

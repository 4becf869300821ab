import { EngineError, shown } from './errors'

/**
 * The manifest's absolute address: of a manifest.json, or of the folder that holds one.
 *
 * @throws EngineError 'InvalidRequest'.
 */
export function manifestAddress(model: string | URL): string {
  const address = fromPage(model, 'model')
  if (!address.pathname.endsWith('.json')) address.pathname = `${address.pathname.replace(/\/$/, '')}/manifest.json`
  return address.href
}

/** Relative addresses are the page's: in the worker they would start from its script. */
export function fromPage(address: string | URL, option: string): URL {
  const base = 'document' in globalThis ? document.baseURI : globalThis.location?.href
  try {
    // What is neither would become words: `new URL(undefined, base)` is the page's file 'undefined'.
    return new URL(typeof address === 'string' ? address : (address?.href ?? '//'), base)
  } catch (cause) {
    throw new EngineError('InvalidRequest', `The option '${option}' is no address: ${shown(address)}. Give a URL.`, {
      cause,
    })
  }
}

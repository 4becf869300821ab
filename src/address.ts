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

/**
 * The address of a file beside a manifest. It keeps the manifest's query: that may be a signature for all of a folder.
 */
export function fileAddress(path: string, manifest: string): string {
  return new URL(path + new URL(manifest).search, manifest).href
}

/** What the files of a manifest lie beside: itself, or the page where it is no file of a server. A page's query is its own. */
export function placeOf(manifest: string, page = manifest): string {
  return /^(blob|data):/.test(manifest) ? (page.split('?')[0] as string) : manifest
}

export function pageAddress(): string | undefined {
  return 'document' in globalThis ? document.baseURI : globalThis.location?.href
}

/** Relative addresses are the page's: in the worker they would start from its script. */
export function fromPage(address: string | URL, option: string): URL {
  const base = pageAddress()
  try {
    // What is neither would become words: `new URL(undefined, base)` is the page's file 'undefined'.
    return new URL(typeof address === 'string' ? address : (address?.href ?? '//'), base)
  } catch (cause) {
    throw new EngineError('InvalidRequest', `The option '${option}' is no address: ${shown(address)}. Give a URL.`, {
      cause,
    })
  }
}

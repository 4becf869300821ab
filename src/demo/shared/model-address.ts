const builtIn = 'models/emoji/manifest.json'

export interface PageModel {
  readonly model: URL
  /** Why the address in `?model=` cannot be used. The built-in model is named then, and nothing should be loaded. */
  readonly problem: string | undefined
}

/** The model that the page's own address names, else the built-in one. */
export function pageModel(): PageModel {
  const asked = new URLSearchParams(location.search).get('model')
  const ownModel = new URL(builtIn, document.baseURI)
  if (asked === null) return { model: ownModel, problem: undefined }
  try {
    return { model: new URL(asked, document.baseURI), problem: undefined }
  } catch {
    const words = `?model=${asked.slice(0, 80)} is not an address. Give the URL of a manifest.json, or leave it out.`
    return { model: ownModel, problem: words }
  }
}

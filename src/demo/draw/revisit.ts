import { formatLink, type Recipe } from './link'

/** What a link to a picture leaves out, kept with the address while the page reloads. */
export interface KeptForm {
  readonly locked: boolean
  /** The form was not drawn: it is filled in again and no more. */
  readonly undrawn: boolean
}

/** In the session: a page that becomes isolated when it reloads begins without its history's state. */
const KEY = 'form'

/** What `keepForm` kept with this address; undefined for a link that was opened. It is told once. */
export function keptForm(): KeptForm | undefined {
  try {
    const text = sessionStorage.getItem(KEY)
    sessionStorage.removeItem(KEY)
    const kept = text === null ? undefined : (JSON.parse(text) as KeptForm & { readonly link: string })
    return kept?.link === location.hash ? kept : undefined
  } catch {
    return undefined // Storage is refused here.
  }
}

/**
 * Makes the page that is loaded next show the same form and draw the same picture: the one that is shown, or the one that
 * was asked for. `form` is undefined where it does not make a recipe.
 */
export function keepForm(form: Recipe | undefined, shown: Recipe | undefined, asked: boolean, locked: boolean): void {
  const drawn = shown && formatLink(shown)
  // The form does not say how many "More like this" drew.
  const alike = form && shown && formatLink({ ...form, count: shown.count }) === drawn
  const link = alike ? drawn : form && formatLink(form)
  const state: KeptForm = { locked, undrawn: link !== drawn && !asked }
  if (form && link !== undefined && link !== drawn && (drawn || form.prompt)) {
    if (drawn)
      history.pushState(null, '', link) // The picture is one step back.
    else history.replaceState(null, '', link)
  }
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...state, link: location.hash }))
  } catch {
    // Storage is refused here: the picture is drawn again.
  }
}

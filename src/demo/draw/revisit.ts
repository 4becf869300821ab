import { formatLink, type Recipe } from './link'

/** What a link to a picture leaves out, kept with the address while the page reloads. */
export interface KeptForm {
  readonly locked: boolean
  /** The form was not drawn: it is filled in again and no more. */
  readonly undrawn: boolean
}

/** What `keepForm` kept with this address; undefined for a link that was opened. */
export function keptForm(): KeptForm | undefined {
  return (history.state as KeptForm | null) ?? undefined
}

/**
 * Makes the page that is loaded next show the same form and draw the same picture: the one that is shown, or the one that
 * was asked for. `form` is undefined where it does not make a recipe.
 */
export function keepForm(form: Recipe | undefined, shown: Recipe | undefined, asked: boolean, locked: boolean): void {
  const link = form && formatLink(form)
  const drawn = shown && formatLink(shown)
  const state: KeptForm = { locked, undrawn: link !== drawn && !asked }
  if (!link || link === drawn || (!drawn && !form.prompt)) history.replaceState(state, '')
  else if (drawn)
    history.pushState(state, '', link) // The picture is one step back.
  else history.replaceState(state, '', link)
}

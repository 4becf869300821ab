import type { Drawn, Easel } from '../easel'
import type { Gallery } from '../gallery'

/** Where the panel finds pictures, and how it has another one drawn. */
export interface Compared {
  readonly easel: Easel
  readonly gallery: Pick<Gallery, 'entries' | 'onKept' | 'onCount' | 'keyOf'>
  /** Fills the form with this and draws it. */
  draw(drawn: Drawn): void
}

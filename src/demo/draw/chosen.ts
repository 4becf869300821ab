import type { Picture } from '../../index'
import type { Easel } from './easel'
import type { Recipe } from './link'

/** The one of the pictures on screen that is chosen, as a picture of its own seed. */
export interface Chosen {
  readonly recipe: Recipe
  readonly picture: Picture
  /** The scale that is looked at again in its place. */
  readonly looked: Picture | undefined
  /** What each scale drew of it, coarse to fine. */
  readonly scales: readonly Picture[]
  /** It began from a picture, not from noise. */
  readonly started: boolean
  /** Name and version of the model that drew it; undefined where that is not known any more. */
  readonly model: string | undefined
}

/** Undefined while none is finished. */
export function chosen(easel: Easel): Chosen | undefined {
  const drawn = easel.shown()
  const index = easel.selected()
  const seed = drawn?.result.seeds[index]
  const picture = drawn?.result.images[index]
  if (!drawn || seed === undefined || !picture) return undefined
  return {
    recipe: { ...drawn.recipe, seed, count: 1 },
    picture,
    looked: easel.looked(),
    scales: drawn.scales.flatMap(({ previews }) => previews[index] ?? []),
    started: drawn.start !== undefined,
    model: drawn.model,
  }
}

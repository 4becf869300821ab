import type { GenerateResult } from '../../index'
import { find } from '../shared/dom'
import { copyPng, fileName, savePng } from '../shared/picture'
import { formatLink, type Recipe } from './link'
import * as view from './view'

/** A finished request with the recipe that draws it again. */
export interface Drawn {
  readonly recipe: Recipe
  readonly result: GenerateResult
}

export interface Saving {
  /** Whether there is a picture to copy, link to or save. */
  enable(enabled: boolean): void
}

/** The buttons below the picture. They take the picture that is chosen, as one of its own seed. */
export function createSaving(shown: () => Drawn | undefined, selected: () => number): Saving {
  const copy = find('copy', HTMLButtonElement)
  const link = find('link', HTMLButtonElement)
  const download = find('download', HTMLButtonElement)

  function chosen(): { readonly recipe: Recipe; readonly picture: GenerateResult['image'] } | undefined {
    const drawn = shown()
    const seed = drawn?.result.seeds[selected()]
    const picture = drawn?.result.images[selected()]
    if (!drawn || seed === undefined || !picture) return undefined
    return { recipe: { ...drawn.recipe, seed, count: 1 }, picture }
  }

  download.addEventListener('click', () => {
    const one = chosen()
    if (one) void attempt(() => savePng(one.picture, fileName(one.recipe.prompt, one.recipe.seed)), 'Saved.')
  })
  copy.addEventListener('click', () => {
    const one = chosen()
    if (one) void attempt(() => copyPng(one.picture), 'Copied the picture.')
  })
  link.addEventListener('click', () => {
    const one = chosen()
    if (!one) return
    const address = new URL(formatLink(one.recipe), location.href).href
    void attempt(() => navigator.clipboard.writeText(address), 'Copied a link that draws this picture again.')
  })

  return {
    enable(enabled) {
      for (const button of [copy, link, download]) button.disabled = !enabled
    },
  }
}

async function attempt(action: () => Promise<void>, words: string): Promise<void> {
  try {
    await action()
    view.say(words)
  } catch (error) {
    view.say(error instanceof Error ? error.message : String(error))
  }
}

import type { GenerateResult } from '../../index'
import { find } from '../shared/dom'
import { copyPng, copyText, fileName, savePng } from '../shared/picture'
import type { Easel } from './easel'
import { formatLink, type Recipe } from './link'
import * as view from './view'

/** The buttons below the picture. They take the picture that is chosen, as one of its own seed. */
export function startSaving(easel: Easel): void {
  const copy = find('copy', HTMLButtonElement)
  const link = find('link', HTMLButtonElement)
  const download = find('download', HTMLButtonElement)

  function chosen(): { readonly recipe: Recipe; readonly picture: GenerateResult['image'] } | undefined {
    const drawn = easel.shown()
    const seed = drawn?.result.seeds[easel.selected()]
    const picture = drawn?.result.images[easel.selected()]
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
    const words = easel.shown()?.start
      ? 'Copied a link to the words and the seed. The picture that it started from stays here.'
      : 'Copied a link that draws this picture again.'
    void attempt(() => copyText(address), words)
  })

  easel.onChange(() => {
    for (const button of [copy, link, download]) button.disabled = easel.shown() === undefined
  })
}

async function attempt(action: () => Promise<void>, words: string): Promise<void> {
  try {
    await action()
    view.say(words)
  } catch (error) {
    view.say(error instanceof Error ? error.message : String(error))
  }
}

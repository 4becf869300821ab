import { find } from '../shared/dom'
import { copyPng, copyText, fileName, saveFile, toPng } from '../shared/picture'
import { type Chosen, chosen } from './chosen'
import type { Easel } from './easel'
import { formatLink } from './link'
import { withRecipe } from './recipe-file'
import * as view from './view'

/** The buttons below the picture. They take the picture that is chosen, as it is on screen and as one of its own seed. */
export function startSaving(easel: Easel): void {
  const copy = find('copy', HTMLButtonElement)
  const link = find('link', HTMLButtonElement)
  const download = find('download', HTMLButtonElement)

  async function save(one: Chosen): Promise<void> {
    const { recipe, picture, looked } = one
    const png = await withRecipe(await toPng(looked ?? picture), one)
    saveFile(png, `${fileName(recipe.prompt, recipe.seed)}${looked ? `-${looked.width}px` : ''}.png`)
  }

  download.addEventListener('click', () => {
    const one = chosen(easel)
    if (!one) return
    const what = one.looked ? 'Saved this scale, with what draws the picture' : 'Saved, with what draws it'
    void attempt(() => save(one), `${what} again inside: drop the file here some day.`)
  })
  copy.addEventListener('click', () => {
    const one = chosen(easel)
    if (!one) return
    const png = toPng(one.looked ?? one.picture)
    void attempt(() => copyPng(png), one.looked ? 'Copied this scale.' : 'Copied the picture.')
  })
  link.addEventListener('click', () => {
    const one = chosen(easel)
    if (!one) return
    const address = new URL(formatLink(one.recipe), location.href).href
    const words = one.started
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

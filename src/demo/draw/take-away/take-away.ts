import { find } from '../../shared/dom'
import { fileName, toPng } from '../../shared/picture'
import { chosen } from '../chosen'
import type { Easel } from '../easel'
import { formatLink } from '../link'
import { withRecipe } from '../recipe-file'
import * as view from '../view'

/** The button that opens the panel, whose code comes with the first press; and pictures that are dragged out. */
export function startTakeAway(easel: Easel): void {
  const button = find('take-away', HTMLButtonElement)
  button.addEventListener('click', () => {
    import('./panel').then(
      ({ openPanel }) => openPanel(easel),
      () => view.say('This part of the page did not come. Get back online and try again.'),
    )
  })
  easel.onChange((drawn) => {
    button.disabled = drawn === undefined
  })
  startDragging(easel)
}

/** A file must be ready when the drag begins: it is made as soon as a mouse is over the picture. */
function startDragging(easel: Easel): void {
  const root = find('pictures', HTMLElement)
  let ready: { readonly address: string; readonly name: string; readonly link: string } | undefined

  function forget(): void {
    if (ready) URL.revokeObjectURL(ready.address)
    ready = undefined
    root.draggable = false
  }

  async function prepare(): Promise<void> {
    const one = chosen(easel)
    if (!one || root.draggable) return
    root.draggable = true
    const { recipe, picture } = one
    const file = await withRecipe(await toPng(picture), one)
    ready = {
      address: URL.createObjectURL(file),
      name: `${fileName(recipe.prompt, recipe.seed)}.png`,
      link: new URL(formatLink(recipe), location.href).href,
    }
  }

  easel.onChange(forget)
  root.addEventListener('click', forget) // Another of four is chosen.
  root.addEventListener('pointerover', ({ pointerType }) => {
    if (pointerType === 'mouse') void prepare()
  })
  root.addEventListener('dragstart', (event) => {
    if (!ready) {
      event.preventDefault()
      return
    }
    // Chromium makes a file of it; elsewhere the panel's picture is dragged as any other on a page.
    event.dataTransfer?.setData('DownloadURL', `image/png:${ready.name}:${ready.address}`)
    event.dataTransfer?.setData('text/uri-list', ready.link)
    event.dataTransfer?.setData('text/plain', ready.link)
  })
}

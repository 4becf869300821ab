/**
 * index.html: draws pictures. A panel of this page is a section in index.html, a file beside this one that fills it, and
 * the line here that starts it.
 */

import { find } from '../shared/dom'
import { pageModel } from '../shared/model-address'
import { startTheme } from '../shared/theme'
import { startBackground } from './background'
import { startCompare } from './compare/start-compare'
import { createControls } from './controls'
import { createDrawing } from './drawing'
import { createEasel, type Drawn } from './easel'
import { createGallery } from './gallery'
import { startHow } from './how'
import { startInstall } from './install'
import { parseLink } from './link'
import { createLoader } from './loader'
import { startMachine } from './machine'
import { startMoreLikeThis } from './more-like-this'
import { startConnection } from './network'
import { createPromptHints } from './prompt-hints'
import { modelName, recipeOf } from './recipe-file'
import { keepForm, keptForm } from './revisit'
import { startSaving } from './saving'
import { createStartPanel } from './start/start-panel'
import { createStored } from './stored'
import { startTakeAway } from './take-away/take-away'
import { startUpdates } from './updates'
import * as view from './view'

const { model, problem } = pageModel()
const stored = createStored(model)
const controls = createControls()
const hints = createPromptHints({
  model,
  draw(prompt) {
    controls.write({ prompt })
    drawing.request()
  },
})
const easel = createEasel()
const loader = createLoader(model, problem, stored)
const start = createStartPanel({ onStroke: () => drawing.follow(), restore: restoreFile })
loader.onLoaded(({ model: loaded }) => {
  controls.offer(loaded)
  start.offer(loaded.hasEncoder)
  hints.offer(loaded.examples)
})
const drawing = createDrawing({ loader, controls, easel, hints, start })
startSaving(easel)
startTakeAway(easel)
const gallery = createGallery({ model, easel, restore })
startCompare({
  easel,
  gallery,
  draw(drawn) {
    restore(drawn)
    drawing.request()
  },
})
startHow(easel)
startMoreLikeThis({ easel, loader, controls, hints, drawing })

find('request', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  drawing.request()
})
find('cancel', HTMLButtonElement).addEventListener('click', drawing.cancel)
find('retry', HTMLButtonElement).addEventListener('click', () => {
  view.hideFailure()
  if (loader.engine()) drawing.request()
  else void loader.load()
})
// A link to another model may be wrong, or its terms be declined; the words in it stay.
find('built-in', HTMLElement).hidden = !new URL(location.href).searchParams.has('model')
for (const link of document.querySelectorAll<HTMLAnchorElement>('a.built-in')) {
  link.addEventListener('click', () => {
    link.hash = location.hash
  })
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') drawing.cancel()
})
// Back and Forward: to a picture that was drawn here, or to a link, which is drawn.
window.addEventListener('popstate', (event) => {
  gallery.revisit(event.state)
})
window.addEventListener('hashchange', () => {
  if (history.state === null) openLink()
})

/** Fills the form with what drew a picture. Its seed is the next one, and stays only where the visitor locks it. */
function restore({ recipe, start: from }: Drawn): void {
  controls.write(recipe)
  start.put(from, recipe.prompt)
  hints.refresh()
}

/** Draws what a saved picture tells of itself, as a link does; false where it tells nothing. */
async function restoreFile(file: Blob): Promise<boolean> {
  const found = await recipeOf(file)
  if (!found) return false
  controls.write({ ...found.recipe, count: 1 })
  controls.lock(true)
  start.put(undefined)
  hints.refresh()
  if (found.started) {
    view.say('Restored the words and the seed. The picture that it started from is not in the file.')
    return true
  }
  drawing.request()
  const loaded = loader.engine()?.model
  if (loaded?.hasEncoder) {
    view.warn(
      'picture',
      'Drawn from what the file tells. To start from its picture instead, choose it in the panel above.',
    )
  }
  const here = loaded && modelName(loaded)
  if (found.model && here && found.model !== here) {
    view.warn('picture', `${found.model} drew that file; ${here} draws another picture of the same words and seed.`)
  }
  return true
}

/** Draws what the address asks for; a link to a picture keeps its seed. */
function openLink(): void {
  const recipe = parseLink(location.hash)
  const kept = keptForm()
  controls.write(recipe)
  hints.refresh()
  if (recipe.seed !== undefined) controls.lock(kept?.locked ?? true)
  if (recipe.prompt !== undefined && !kept?.undrawn) drawing.request()
}

startTheme()
startBackground()
startConnection()
startInstall()
startMachine(model)
if (import.meta.env.PROD) {
  startUpdates({
    beforeReload: () => keepForm(controls.current(), easel.shown()?.recipe, drawing.pending(), controls.locked()),
    onStored: stored.announce,
  })
}
void loader.load()
if (!gallery.reopen(history.state)) openLink()
void stored.refresh()

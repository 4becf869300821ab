/**
 * index.html: draws pictures. A panel of this page is a section in index.html, a file beside this one that fills it, and
 * the line here that starts it.
 */

import { type BackendName, createEngine, type Engine, type EngineProgress } from '../../index'
import { find } from '../shared/dom'
import { startTheme } from '../shared/theme'
import { counted } from '../shared/words'
import { startBackground } from './background'
import { createControls } from './controls'
import { createFrame } from './frame'
import { startInstall } from './install'
import { formatLink, parseLink } from './link'
import { createLoading } from './loading'
import { startMachine } from './machine'
import { onceReachable } from './missing'
import { startConnection } from './network'
import { keepForm, keptForm } from './revisit'
import { createSaving, type Drawn } from './saving'
import { createStored } from './stored'
import { createStrip } from './strip'
import { createTerms } from './terms'
import { startUpdates } from './updates'
import * as view from './view'

type Preference = 'auto' | BackendName

const address = new URL(location.href)
const model = new URL(address.searchParams.get('model') ?? 'models/emoji/manifest.json', document.baseURI)
const backendSelect = find('backend', HTMLSelectElement)

const loading = createLoading()
const saving = createSaving(
  () => shown,
  () => selected,
)
const stored = createStored(model)
const terms = createTerms(model)
const controls = createControls((prompt) => {
  controls.write({ prompt })
  requestDrawing()
})
const frame = createFrame((index) => select(index))
const strip = createStrip((event) => {
  if (view.state() === 'drawing') return
  const finished = event.index === event.count - 1
  strip.mark(finished ? undefined : event.index)
  frame.show(finished && shown ? shown.result.images : event.previews)
})

let engine: Engine | undefined
let loadingNow: AbortController | undefined
let drawingNow: AbortController | undefined
/** Asked for before the model was there. */
let pending = false
let shown: Drawn | undefined
let selected = 0

async function load(): Promise<void> {
  loadingNow?.abort()
  drawingNow?.abort()
  const abort = new AbortController()
  loadingNow = abort
  const old = engine
  engine = undefined
  view.hideFailure()
  terms.hide()
  view.clearWarnings('model')
  view.clearWarnings('picture')
  view.showBackend('', '')
  loading.start()
  view.enter('loading', 'Loading the model.')
  try {
    await old?.dispose()
    const loaded = await createEngine({
      model,
      backend: backendSelect.value as Preference,
      acceptLicence: terms.accepted(),
      signal: abort.signal,
      onProgress: showProgress,
    })
    if (abort.signal.aborted) return void loaded.dispose()
    engine = loaded
    controls.offer(loaded.model)
    view.showModel(loaded.model)
    view.showBackend(names[loaded.backend.name], loaded.backend.reason)
    document.body.dataset.backend = loaded.backend.name
    view.enter('ready', `Ready. ${loaded.model.name} on ${names[loaded.backend.name]}.`)
    if (pending) requestDrawing()
  } catch (error) {
    if (abort.signal.aborted) return // Another load has taken over.
    if (terms.ask(error, load)) return view.enter('error', 'This model has terms to accept first.')
    view.enter('error', 'The model is not loaded.')
    view.showFailure(error, true)
    if (error instanceof Error && error.name === 'DownloadFailed') void reloadOnceReachable(abort.signal)
  } finally {
    void stored.refresh()
  }
}

/** Where there is no connection, says what is missing, and loads again when there is one. */
async function reloadOnceReachable(signal: AbortSignal): Promise<void> {
  const again = await onceReachable(model, signal, ({ title, message }) => {
    view.clearWarnings('model') // They say the same.
    view.describeFailure(title, message)
  })
  if (again) void load()
}

const names: Readonly<Record<BackendName, string>> = { webgpu: 'WebGPU', wasm: 'WASM' }

function showProgress(event: EngineProgress): void {
  if (event.stage === 'warning') view.warn('model', event.message)
  const words = loading.show(event)
  if (words && view.state() === 'loading') view.say(pending ? `${words} Then it draws.` : words)
}

/** Draws now, or as soon as the model is there. */
function requestDrawing(): void {
  if (drawingNow) return
  if (engine) {
    pending = false
    void draw(engine)
    return
  }
  pending = true
  if (view.state() === 'loading') view.say('It draws as soon as the model is loaded.')
  else void load()
}

async function draw(using: Engine): Promise<void> {
  const recipe = controls.read()
  if ('problem' in recipe) {
    view.say(recipe.problem)
    return
  }
  const abort = new AbortController()
  drawingNow = abort
  shown = undefined
  selected = 0
  let scalesDone = 0
  view.hideFailure()
  view.clearWarnings('picture')
  find('timings', HTMLElement).hidden = true
  saving.enable(false)
  history.replaceState(null, '', formatLink(recipe))
  const schedule = using.model.schedules[recipe.schedule] ?? []
  frame.open(Array.from({ length: recipe.count }, (_, index) => BigInt.asUintN(64, recipe.seed + BigInt(index))))
  strip.plan(schedule)
  view.enter('drawing', 'Reading the prompt.')
  try {
    const result = await using.generate({
      prompt: recipe.prompt,
      ...(recipe.style && { style: recipe.style }),
      seed: recipe.seed,
      schedule: recipe.schedule,
      count: recipe.count,
      preview: 'decode',
      signal: abort.signal,
      onProgress: (event) => {
        if (event.stage === 'warning') view.warn('picture', event.message)
        else if (event.stage === 'denoise' && scalesDone === 0) view.say(`Scale 1 of ${schedule.length}.`)
        else if (event.stage === 'recovering') {
          scalesDone = 0
          strip.plan(schedule)
          view.say('The graphics device was lost. It starts again and draws this picture again.')
        }
      },
      onScale: (event) => {
        scalesDone = event.index + 1
        strip.fill(event)
        frame.show(event.previews)
        view.say(scalesDone < event.count ? `Scale ${scalesDone + 1} of ${event.count}.` : 'Finishing.')
      },
    })
    frame.show(result.images)
    shown = { recipe, result }
    select(0)
    saving.enable(true)
    for (const message of result.warnings) view.warn('picture', message)
    view.showTimings(result.timings)
    view.enter('done', view.doneWords(result))
  } catch (error) {
    strip.stop()
    if (abort.signal.aborted)
      view.enter('cancelled', `Cancelled after ${counted(scalesDone, 'scale')} of ${schedule.length}.`)
    else {
      view.enter('error', 'Nothing was drawn.')
      view.showFailure(error, true)
    }
  } finally {
    if (drawingNow === abort) drawingNow = undefined
  }
}

function select(index: number): void {
  selected = index
  frame.select(index)
  strip.select(index)
}

find('request', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  requestDrawing()
})
find('cancel', HTMLButtonElement).addEventListener('click', () => drawingNow?.abort())
find('retry', HTMLButtonElement).addEventListener('click', () => {
  view.hideFailure()
  requestDrawingOrLoad()
})
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') drawingNow?.abort()
})
backendSelect.addEventListener('change', () => {
  address.searchParams.set('backend', backendSelect.value)
  history.replaceState(null, '', `${address.search}${location.hash}`)
  void load()
})
window.addEventListener('hashchange', openLink)

/** Draws what the address asks for; a link to a picture keeps its seed. */
function openLink(): void {
  const recipe = parseLink(location.hash)
  const kept = keptForm()
  controls.write(recipe)
  if (recipe.seed !== undefined) controls.lock(kept?.locked ?? true)
  if (recipe.prompt !== undefined && !kept?.undrawn) requestDrawing()
}

function requestDrawingOrLoad(): void {
  if (engine) requestDrawing()
  else void load()
}

startTheme()
startBackground()
startConnection()
startInstall()
startMachine(model)
if (import.meta.env.PROD) {
  startUpdates({
    beforeReload: () => keepForm(controls.current(), shown?.recipe, pending, controls.locked()),
    onStored: stored.announce,
  })
}
const asked = address.searchParams.get('backend') ?? 'auto'
backendSelect.value = ['auto', 'webgpu', 'wasm'].includes(asked) ? asked : 'auto'
void load()
openLink()
void stored.refresh()

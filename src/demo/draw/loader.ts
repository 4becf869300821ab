import { type BackendName, createEngine, type Engine, type EngineProgress } from '../../index'
import { find } from '../shared/dom'
import { createLoading } from './loading'
import { onceReachable } from './missing'
import type { Stored } from './stored'
import { createTerms } from './terms'
import * as view from './view'

const preferences = ['auto', 'webgpu', 'wasm'] as const satisfies readonly ('auto' | BackendName)[]

export interface Loader {
  /** The engine, once its model is loaded. */
  engine(): Engine | undefined
  /** Loads the model, or loads it again; failures are shown. */
  load(): Promise<void>
  /** Whether something will be drawn as soon as the model is there: the progress says so. */
  expect(drawing: boolean): void
  /** Called before a load begins, which ends the engine that was there. */
  onLeave(listener: () => void): void
  onLoaded(listener: (engine: Engine) => void): void
}

/**
 * Loads the page's model on the backend that is chosen, and shows how far it is. `problem`: why there is no such model.
 */
export function createLoader(model: URL, problem: string | undefined, stored: Stored): Loader {
  const address = new URL(location.href)
  const backend = find('backend', HTMLSelectElement)
  const loading = createLoading()
  const terms = createTerms(model)
  const leaveListeners = new Set<() => void>()
  const loadedListeners = new Set<(engine: Engine) => void>()
  let engine: Engine | undefined
  let loadingNow: AbortController | undefined
  let expected = false

  const asked = address.searchParams.get('backend')
  backend.value = preference(asked)
  backend.addEventListener('change', () => {
    address.searchParams.set('backend', backend.value)
    history.replaceState(null, '', `${address.search}${location.hash}`)
    void load()
  })

  async function load(): Promise<void> {
    loadingNow?.abort()
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
    for (const listener of leaveListeners) listener()
    try {
      if (problem) throw Object.assign(new Error(problem), { name: 'NoSuchModel' })
      await old?.dispose()
      if (await terms.askSize(load)) return view.enter('error', 'Nothing is downloaded before you say so.')
      if (abort.signal.aborted) return // Another load has taken over.
      const loaded = await createEngine({
        model,
        backend: preference(backend.value),
        acceptLicence: terms.accepted(),
        signal: abort.signal,
        onProgress: showProgress,
      })
      if (abort.signal.aborted) return void loaded.dispose()
      engine = loaded
      view.showModel(loaded.model)
      view.showBackend(names[loaded.backend.name], loaded.backend.reason)
      document.body.dataset.backend = loaded.backend.name
      view.enter('ready', `Ready. ${loaded.model.name} on ${names[loaded.backend.name]}.`)
      for (const listener of loadedListeners) listener(loaded)
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

  function showProgress(event: EngineProgress): void {
    if (event.stage === 'warning') view.warn('model', event.message)
    const words = loading.show(event)
    if (words && view.state() === 'loading') view.say(expected ? `${words} Then it draws.` : words)
  }

  /** Where there is no connection, says what is missing, and loads again when there is one. */
  async function reloadOnceReachable(signal: AbortSignal): Promise<void> {
    const again = await onceReachable(model, signal, ({ title, message }) => {
      view.clearWarnings('model') // They say the same.
      view.describeFailure(title, message)
    })
    if (again) void load()
  }

  return {
    engine: () => engine,
    load,
    expect: (drawing) => {
      expected = drawing
    },
    onLeave: (listener) => void leaveListeners.add(listener),
    onLoaded: (listener) => void loadedListeners.add(listener),
  }
}

const names: Readonly<Record<BackendName, string>> = { webgpu: 'WebGPU', wasm: 'WASM' }

function preference(asked: string | null): (typeof preferences)[number] {
  return preferences.find((known) => known === asked) ?? 'auto'
}

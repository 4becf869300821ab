import type { GenerateResult, Timings } from '../../index'
import { find, make } from '../shared/dom'
import { counted, duration } from '../shared/words'

/** What the page is doing, always one of these; `data-state` of the body says which. */
export type State = 'loading' | 'ready' | 'drawing' | 'done' | 'cancelled' | 'error'

const draw = find('draw', HTMLButtonElement)
const cancel = find('cancel', HTMLButtonElement)
const status = find('status', HTMLElement)
const failure = find('failure', HTMLElement)
const warnings = find('warnings', HTMLUListElement)

export function state(): State {
  return document.body.dataset.state as State
}

/** Enters a state and says so. Draw and Cancel share a place, and the keyboard's focus stays there. */
export function enter(next: State, words: string): void {
  document.body.dataset.state = next
  say(words)
  const drawing = next === 'drawing'
  const focused = document.activeElement === draw || document.activeElement === cancel
  draw.hidden = drawing
  // A disabled default button also keeps Enter in the prompt from asking for a second picture meanwhile.
  draw.disabled = drawing
  cancel.hidden = !drawing
  if (focused) (drawing ? cancel : draw).focus()
  for (const listener of [...listeners]) listener(next)
}

const listeners = new Set<(entered: State) => void>()

/** Calls the listener at every change of state, until the function that is returned is called. */
export function onEnter(listener: (entered: State) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const busy = (): boolean => state() === 'loading' || state() === 'drawing'

/** Resolves once nothing is loaded or drawn. */
export function idle(): Promise<void> {
  if (!busy()) return Promise.resolve()
  return new Promise((resolve) => {
    const leave = onEnter(() => {
      if (busy()) return
      leave()
      resolve()
    })
  })
}

export function say(words: string): void {
  status.textContent = words
}

/** Names of errors that cross the worker's boundary stay; their messages end with the remedy. */
export function showFailure(error: unknown, canRetry: boolean): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  describeFailure(titles[name] ?? 'Something went wrong', message)
  find('retry', HTMLButtonElement).hidden = !canRetry
  failure.dataset.name = name
  failure.hidden = false
}

/** Better words for the failure that is shown. */
export function describeFailure(title: string, message: string): void {
  find('failure-name', HTMLElement).textContent = title
  find('failure-message', HTMLElement).textContent = message
}

export function hideFailure(): void {
  failure.hidden = true
  delete failure.dataset.name
}

const titles: Readonly<Record<string, string>> = {
  InvalidRequest: 'That cannot be drawn',
  InvalidSeed: 'That is not a seed',
  InvalidSchedule: 'That schedule does not work',
  UnknownSchedule: 'The model has no such schedule',
  UnknownStyle: 'The model has no such style',
  NoSuchModel: 'There is no model at that address',
  InvalidManifest: 'The model’s manifest cannot be read',
  DownloadFailed: 'The model could not be fetched',
  CorruptFile: 'A file of the model arrived damaged',
  StorageRefused: 'This browser does not let the page store anything',
  ModelBusy: 'The model is being downloaded',
  NoWebGPU: 'No WebGPU here',
  DeviceLost: 'The graphics device was lost',
  ModelFailed: 'The model failed',
  WorkerCrashed: 'The drawing worker stopped',
}

/** What is said about the model stays while the model does; what is said about a picture goes with the picture. */
export function warn(about: 'model' | 'picture', message: string): void {
  // Offline, as the badge says, that is what one expects.
  if (!navigator.onLine && message.includes('The stored model is used')) return
  for (const shown of warnings.children) if (shown.textContent === message) return
  const line = make('li', '', message)
  line.dataset.about = about
  warnings.append(line)
}

export function clearWarnings(about: 'model' | 'picture'): void {
  for (const line of warnings.querySelectorAll(`[data-about=${about}]`)) line.remove()
}

/** As the engine measured it; what the prompt and the scales leave of the whole went into previews and decoding. */
export function showTimings({ queued, text, scales, total }: Timings): void {
  const allScales = scales.reduce((sum, ms) => sum + ms, 0)
  const rows: readonly (readonly [string, number])[] = [
    ['Reading the prompt', text],
    ['All scales', allScales],
    ['Decoding every scale', total - queued - text - allScales],
    ['In all', total],
  ]
  find('timings-rows', HTMLElement).replaceChildren(
    ...rows.flatMap(([name, ms]) => [make('dt', '', name), make('dd', '', duration(ms))]),
  )
}

export function showModel(model: {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly attribution: readonly {
    readonly name: string
    readonly by?: string | undefined
    readonly url?: string | undefined
  }[]
}): void {
  find('about-name', HTMLElement).textContent = `${model.name} ${model.version}`
  find('about-licence', HTMLElement).replaceChildren(
    model.licence,
    ...model.attribution.flatMap(({ name, by, url }) => {
      const words = by ? `${name} by ${by}` : name
      if (!url) return [' · ', words]
      const anchor = make('a', '', words)
      anchor.href = url
      anchor.rel = 'noreferrer'
      return [' · ', anchor]
    }),
  )
  find('about', HTMLElement).hidden = false
}

export function showBackend(name: string, reason: string): void {
  find('backend-report', HTMLElement).replaceChildren(make('b', '', name), ' ', reason)
}

export function doneWords({ images, seeds, timings }: GenerateResult): string {
  const seed = seeds.length > 1 ? `Seeds ${seeds[0]} to ${seeds.at(-1)}` : `Seed ${seeds[0]}`
  return `${counted(images.length, 'picture')} in ${duration(timings.total)}. ${seed}.`
}

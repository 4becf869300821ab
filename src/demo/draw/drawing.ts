import type { Engine, ScaleStep } from '../../index'
import { find } from '../shared/dom'
import { counted } from '../shared/words'
import type { Controls } from './controls'
import type { Easel } from './easel'
import { formatLink, type Recipe } from './link'
import type { Loader } from './loader'
import type { PromptHints } from './prompt-hints'
import { modelName } from './recipe-file'
import { bringToSight } from './sight'
import type { Start, StartPanel } from './start/start-panel'
import * as view from './view'

export interface Drawing {
  /** Draws what the form asks for: now, or as soon as the model is there. `instead`: this once, whatever the form has. */
  request(instead?: Instead): void
  /** Draws once more while somebody draws a doodle: the newest strokes, after the drawing that is under way. */
  follow(): void
  cancel(): void
  /** Asked for before the model was there. */
  pending(): boolean
}

/** What one drawing has in place of what the form asks for. */
export interface Instead {
  readonly start: Start
  /** How many pictures. */
  readonly count: number
}

export interface DrawingOptions {
  readonly loader: Loader
  readonly controls: Controls
  readonly easel: Easel
  readonly hints: PromptHints
  readonly start: StartPanel
}

/** Draws what the form asks for and shows each scale as it comes. */
export function createDrawing({ loader, controls, easel, hints, start }: DrawingOptions): Drawing {
  let drawingNow: AbortController | undefined
  let pending = false
  let again = false
  let following = false
  let once: Instead | undefined

  function setPending(next: boolean): void {
    pending = next
    loader.expect(next)
  }

  function request(instead?: Instead): void {
    once = instead
    if (drawingNow) {
      // A link or an example, pressed meanwhile: what is asked for last is drawn.
      again = true
      drawingNow.abort()
      return
    }
    const engine = loader.engine()
    if (engine) {
      setPending(false)
      void draw(engine)
      return
    }
    setPending(true)
    if (view.state() === 'loading') view.say('It draws as soon as the model is loaded.')
    else void loader.load()
  }

  function follow(): void {
    const engine = loader.engine()
    if (drawingNow) following = true
    else if (engine) {
      controls.lock(true) // The noise stays, so that only the strokes change the picture.
      void draw(engine, true)
    }
  }

  async function draw(using: Engine, passing = false): Promise<void> {
    const instead = once
    once = undefined
    const asked = controls.read()
    if ('problem' in asked) {
      view.say(asked.problem)
      return
    }
    const from = instead?.start ?? start.current(asked.prompt)
    if (asked.prompt === '' && !from) {
      view.say('Say what to draw first, or press “Surprise me”.')
      find('prompt', HTMLInputElement).focus()
      return
    }
    const abort = new AbortController()
    drawingNow = abort
    view.hideFailure()
    view.clearWarnings('picture')
    view.enter('drawing', 'Reading the prompt.')
    if (!passing) bringToSight()
    // English words from here on: the link and the file's name then say what was drawn.
    const { prompt, warnings } = await hints.toDraw(asked.prompt)
    const recipe: Recipe = { ...asked, prompt, ...(instead && { count: instead.count }) }
    const link = formatLink(recipe)
    // Back leads to the picture that stood here, unless that is the one that is drawn.
    if (passing || history.state === null || (link === location.hash && !from)) history.replaceState(null, '', link)
    else history.pushState(null, '', link)
    // One of the model's own names: the form offers no other.
    const schedule = using.model.schedules[recipe.schedule] ?? []
    const scales: Parameters<Easel['add']>[0][] = []
    const first = from ? enters(schedule, from.strength) : 0
    const plan = () => {
      scales.length = 0
      easel.begin({ seeds: seedsOf(recipe), schedule, prompt: recipe.prompt, first, passing })
    }
    plan()
    for (const message of warnings) view.warn('picture', message)
    try {
      const result = await using.generate({
        prompt: recipe.prompt,
        ...(recipe.style && { style: recipe.style }),
        ...(from && { image: from.image, strength: from.strength }),
        seed: recipe.seed,
        schedule: recipe.schedule,
        count: recipe.count,
        preview: 'decode',
        signal: abort.signal,
        onProgress: (event) => {
          if (event.stage === 'warning') view.warn('picture', event.message)
          else if (event.stage === 'denoise' && scales.length === 0)
            view.say(`Scale ${first + 1} of ${schedule.length}.`)
          else if (event.stage === 'recovering') {
            plan()
            view.say('The graphics device was lost. It starts again and draws this picture again.')
          }
        },
        onScale: (event) => {
          scales.push(event)
          easel.add(event)
          const next = event.index + 2
          view.say(next <= event.count ? `Scale ${next} of ${event.count}.` : 'Finishing.')
        },
      })
      easel.show({ recipe, result, scales, start: from, model: modelName(using.model), passing })
      document.title = `${recipe.prompt || 'A picture'} · scalewise`
      for (const message of result.warnings) view.warn('picture', message)
      view.showTimings(result.timings)
      view.enter('done', view.doneWords(result))
    } catch (error) {
      easel.stop()
      if (abort.signal.aborted) {
        // Else another model loads, and its state is shown.
        if (loader.engine() === using)
          view.enter('cancelled', `Cancelled after ${counted(scales.length, 'scale')} of ${schedule.length}.`)
      } else {
        view.enter('error', 'Nothing was drawn.')
        view.showFailure(error, true)
      }
    } finally {
      drawingNow = undefined
      if (again) {
        again = false
        following = false
        request(once)
      } else if (following) {
        following = false
        follow()
      }
    }
  }

  loader.onLeave(() => drawingNow?.abort())
  loader.onLoaded(() => {
    if (pending) request()
  })
  function cancel(): void {
    again = false
    following = false
    drawingNow?.abort()
  }

  return { request, follow, cancel, pending: () => pending }
}

/** As the engine: the first step whose noise level is at most the strength; at least the last. */
function enters(schedule: readonly ScaleStep[], strength: number): number {
  const found = schedule.findIndex(({ sigma }) => sigma <= strength)
  return found < 0 ? Math.max(0, schedule.length - 1) : found
}

function seedsOf({ count, seed }: Recipe): bigint[] {
  return Array.from({ length: count }, (_, index) => BigInt.asUintN(64, seed + BigInt(index)))
}

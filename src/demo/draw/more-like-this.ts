import type { ScaleSchedule } from '../../index'
import { find } from '../shared/dom'
import { extent, sides } from '../shared/words'
import type { Controls } from './controls'
import type { Drawing } from './drawing'
import type { Easel } from './easel'
import { keptOf } from './kept-of'
import { shortRandomSeed } from './link'
import type { Loader } from './loader'
import type { PromptHints } from './prompt-hints'

/** Until somebody moves the slider: places and colours stay. */
const usualSigma = 0.9

export interface MoreLikeThisOptions {
  readonly easel: Easel
  readonly loader: Loader
  readonly controls: Controls
  readonly hints: PromptHints
  readonly drawing: Drawing
}

/**
 * "More like this": four that begin from the picture that is chosen, with its words and other noise. The slider names the
 * step of its schedule at which they enter the loop: the last one for close, the second for far.
 */
export function startMoreLikeThis({ easel, loader, controls, hints, drawing }: MoreLikeThisOptions): void {
  const more = find('more', HTMLButtonElement)
  const distance = find('distance', HTMLInputElement)
  const words = find('distance-words', HTMLElement)
  /** Of the picture that is shown; empty while none can be varied. */
  let schedule: readonly ScaleSchedule[number][] = []
  /** Stays from picture to picture, whatever their schedules. */
  let wanted = usualSigma

  /** From the last step, which changes least. */
  const step = () => schedule[schedule.length - Number(distance.value)]

  function tell(): void {
    const entered = step()
    if (!entered) return
    const [high, wide] = sides(entered.size)
    const kept = `keeps ${keptOf(entered.sigma)}`
    words.textContent = `Four others from ${extent(wide, high)} cells on: ${kept}.`
    distance.setAttribute('aria-valuetext', `${kept}, from ${wide} cells on`)
  }

  function offer(): void {
    const engine = loader.engine()
    const drawn = easel.shown()
    schedule = (drawn && engine?.model.hasEncoder && engine.model.schedules[drawn.recipe.schedule]) || []
    const able = schedule.length > 1
    more.disabled = !able
    distance.disabled = schedule.length < 3
    if (!able) {
      words.textContent =
        engine?.model.hasEncoder === false
          ? 'This model cannot begin from a picture.'
          : drawn
            ? 'Others can begin from pictures that the model drew by one of its schedules of several steps.'
            : 'Once a picture is drawn: others that begin from it.'
      return
    }
    distance.max = String(schedule.length - 1)
    const off = schedule.map(({ sigma }) => Math.abs(sigma - wanted))
    const nearest = off.indexOf(Math.min(...off.slice(1)), 1)
    distance.value = String(schedule.length - nearest)
    tell()
  }

  easel.onChange(offer)
  loader.onLoaded(offer)
  distance.addEventListener('input', () => {
    wanted = step()?.sigma ?? wanted
    tell()
  })
  more.addEventListener('click', () => {
    const drawn = easel.shown()
    const image = drawn?.result.images[easel.selected()]
    const entered = step()
    if (!drawn || !image || !entered) return
    // Its own words: others may have been typed since. And other noise than its own, which would draw it again.
    // How many pictures the next prompt draws stays as the visitor chose.
    const { count: _, ...own } = drawn.recipe
    controls.write({ ...own, seed: shortRandomSeed() })
    controls.lock(false)
    hints.refresh()
    drawing.request({ start: { image, strength: entered.sigma, varied: true }, count: 4 })
  })
}

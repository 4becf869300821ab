import type { ScaleEvent } from '../../index'
import { find, make } from '../shared/dom'
import { toCanvas } from '../shared/picture'
import { duration, extent } from '../shared/words'
import type { Drawn, Easel } from './easel'
import * as view from './view'

/** Long enough to read the sentence of a scale. */
const dwellMs = 2_600

/** "How it works": the scales of the picture on screen, one after the other, each with what it did and what it cost. */
export function startHow(easel: Easel): void {
  const details = find('how', HTMLDetailsElement)
  const list = find('how-scales', HTMLOListElement)
  const replay = find('how-replay', HTMLButtonElement)
  const now = find('how-now', HTMLElement)
  /** Beside its words, for the large one may be out of sight. */
  const small = find('how-picture', HTMLElement)
  let timer: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    clearTimeout(timer)
    timer = undefined
    replay.textContent = 'Replay this picture'
    now.textContent = ''
  }

  function look({ previews }: ScaleEvent): void {
    const picture = previews[easel.selected()] ?? previews[0]
    small.replaceChildren(...(picture ? [toCanvas(picture)] : []))
  }

  function play(scales: readonly ScaleEvent[], at: number): void {
    const event = scales[at]
    if (!event || view.state() === 'drawing') {
      stop()
      return
    }
    easel.look(event)
    now.textContent = sentence(scales, at)
    look(event)
    timer = setTimeout(() => play(scales, at + 1), dwellMs)
  }

  easel.onChange((drawn: Drawn | undefined) => {
    stop()
    replay.disabled = !drawn
    const scales = drawn?.scales ?? []
    small.replaceChildren()
    find('how-none', HTMLElement).hidden = scales.length > 0
    find('how-saved', HTMLElement).textContent = savedWords(scales)
    list.replaceChildren(...scales.map((_, at, all) => make('li', '', sentence(all, at))))
  })
  replay.addEventListener('click', () => {
    const scales = easel.shown()?.scales ?? []
    const playing = timer !== undefined
    stop()
    if (playing) {
      const last = scales.at(-1)
      if (!last) return
      easel.look(last)
      look(last)
      return
    }
    replay.textContent = 'Stop'
    play(scales, 0)
  })
  details.addEventListener('toggle', () => {
    if (!details.open) stop()
  })
}

/** 8 × 8 cells, 128 × 128 pixels, σ 1.00: from nothing but noise. 45 ms, 12% of all scales. */
function sentence(scales: readonly ScaleEvent[], at: number): string {
  const { size, sigma, ms, previews } = scales[at] as ScaleEvent
  const [height, width] = size
  const [picture] = previews
  const pixels = picture ? `, ${extent(picture.width, picture.height)} pixels` : ''
  const all = scales.reduce((sum, scale) => sum + scale.ms, 0)
  const before = scales[at - 1]?.size[1]
  const noise = `${Math.round(100 * sigma)}% noise mixed in`
  const did =
    before === undefined
      ? sigma >= 1
        ? 'from nothing but noise to a first guess'
        : `the picture it was given, ${noise}, looked at`
      : before < width
        ? `made larger, ${noise}, looked at again`
        : `the same size, ${noise}, looked at again`
  return `${extent(width, height)} cells${pixels}, σ ${sigma.toFixed(2)}: ${did}. ${duration(ms)}, ${Math.round((100 * ms) / all)}% of all scales.`
}

/** What the small scales saved, by what the largest ones of this picture took; nothing where that is nothing. */
function savedWords(scales: readonly ScaleEvent[]): string {
  const cells = ({ size: [height, width] }: ScaleEvent) => height * width
  const most = Math.max(0, ...scales.map(cells))
  const large = scales.filter((scale) => cells(scale) === most)
  if (large.length === scales.length) return ''
  const each = large.reduce((sum, { ms }) => sum + ms, 0) / large.length
  const all = scales.reduce((sum, { ms }) => sum + ms, 0)
  const otherwise = each * scales.length
  if (otherwise < 1.05 * all) return ''
  return `All ${scales.length} scales together took ${duration(all)}. All at the largest size would have taken about ${duration(otherwise)}.`
}

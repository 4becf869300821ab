import type { ScaleEvent, ScaleStep } from '../../index'
import { find, make } from '../shared/dom'
import { toCanvas } from '../shared/picture'
import { duration, extent, sides } from '../shared/words'

export interface Strip {
  /** An empty slot for every step; those before `first` are left out of this drawing. */
  plan(schedule: readonly ScaleStep[], first: number): void
  /** Fills a slot with what the scale drew and how long it took. */
  fill(event: ScaleEvent): void
  /** Shows the scales of another picture of the batch. */
  select(picture: number): void
  /** Marks the slot that the frame shows; none when it shows the finished picture. */
  mark(index: number | undefined): void
  /** Stops the slots that were still waiting. */
  stop(): void
}

/** The row below the picture: each scale with its thumbnail, its size in cells and pixels, sigma and milliseconds. */
export function createStrip(choose: (event: ScaleEvent) => void): Strip {
  const root = find('strip', HTMLOListElement)
  let slots: HTMLButtonElement[] = []
  /** By step; none of those that are left out. */
  let events: (ScaleEvent | undefined)[] = []
  let shown = 0

  function draw(event: ScaleEvent): void {
    const slot = slots[event.index]
    if (!slot) return
    const picture = event.previews[shown] ?? event.previews[0]
    const [height, width] = event.size
    const pixels = picture ? [extent(picture.width, picture.height), make('span', 'unit', ' px')] : []
    slot.disabled = picture === undefined
    slot.dataset.scale = 'done'
    slot.querySelector('.thumb')?.replaceChildren(...(picture ? [toCanvas(picture)] : []))
    slot
      .querySelector('.measures')
      ?.replaceChildren(
        make('span', 'hidden', `Scale ${event.index + 1} of ${event.count}, cells:`),
        make('b', '', extent(width, height)),
        make('span', '', ...pixels),
        make('span', 'both', make('span', '', `σ ${event.sigma.toFixed(2)}`), make('span', '', duration(event.ms))),
      )
  }

  function wait(index: number): void {
    for (const slot of slots) if (slot.dataset.scale === 'next') slot.dataset.scale = 'waiting'
    const slot = slots[index]
    if (slot) slot.dataset.scale = 'next'
  }

  return {
    plan(schedule, first) {
      events = []
      shown = 0
      const largest = Math.max(...schedule.map((step) => Math.max(...sides(step.size))))
      slots = schedule.map((step, index) => {
        const [height, width] = sides(step.size)
        const slot = make(
          'button',
          'slot',
          make('span', 'thumb'),
          make(
            'span',
            'measures',
            make('span', 'hidden', index < first ? 'Cells:' : 'Not drawn yet, cells:'),
            make('b', '', extent(width, height)),
            make('span', '', index < first ? 'left out' : `σ ${step.sigma.toFixed(2)}`),
          ),
        )
        slot.type = 'button'
        slot.disabled = true
        slot.dataset.scale = 'waiting'
        slot.style.setProperty('--wide', String(width / largest))
        slot.style.setProperty('--high', String(height / largest))
        slot.addEventListener('click', () => {
          const event = events[slots.indexOf(slot)]
          if (event) choose(event)
        })
        return slot
      })
      root.replaceChildren(...slots.map((slot) => make('li', '', slot)))
      wait(first)
    },
    fill(event) {
      events[event.index] = event
      draw(event)
      wait(event.index + 1)
    },
    select(picture) {
      shown = picture
      for (const event of events) if (event) draw(event)
    },
    mark(index) {
      for (const [other, slot] of slots.entries()) slot.setAttribute('aria-pressed', String(other === index))
    },
    stop() {
      wait(-1)
    },
  }
}

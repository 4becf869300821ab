import type { Picture } from '../../index'
import { find, make } from '../shared/dom'
import { toCanvas } from '../shared/picture'

export interface Frame {
  /** Room for this many pictures, all empty; the prompt and the seeds are for screen readers. */
  open(seeds: readonly bigint[], prompt: string): void
  /** Puts a picture in each place. The one that was there fades out under it, so that the picture seems to sharpen. */
  show(pictures: readonly Picture[]): void
  /** Marks one of several pictures as the one to save. */
  select(index: number): void
}

/** Longer than the crossfade in picture.css, so that a layer goes when it can no longer be seen. */
const fadeMs = 400

/** The big square in the middle: one picture, or a grid of up to four to choose from. */
export function createFrame(choose: (index: number) => void): Frame {
  const root = find('pictures', HTMLElement)
  let places: HTMLElement[] = []
  let words = ''

  return {
    open(seeds, prompt) {
      words = prompt || 'Without words'
      places = seeds.map((seed, index) => {
        if (seeds.length === 1) return make('div', 'place')
        const place = make('button', 'place')
        place.type = 'button'
        place.setAttribute('aria-label', `Picture ${index + 1} of ${seeds.length}, seed ${seed}`)
        place.addEventListener('click', () => choose(index))
        return place
      })
      root.dataset.count = String(seeds.length)
      root.replaceChildren(...places)
    },
    show(pictures) {
      for (const [index, picture] of pictures.entries()) {
        const place = places[index]
        if (place) crossfade(place, picture, words)
      }
    },
    select(index) {
      if (places.length < 2) return
      for (const [other, place] of places.entries()) place.setAttribute('aria-pressed', String(other === index))
    },
  }
}

function crossfade(place: HTMLElement, picture: Picture, words: string): void {
  const layer = toCanvas(picture)
  layer.setAttribute('role', 'img')
  layer.setAttribute('aria-label', `${words}, ${picture.width} × ${picture.height} pixels`)
  for (const old of place.querySelectorAll('canvas:not(.leaving)')) {
    old.className = 'leaving'
    old.removeAttribute('role')
    setTimeout(() => old.remove(), fadeMs)
  }
  place.append(layer)
}

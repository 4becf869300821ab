import { find } from '../shared/dom'

/** Of the picture, what is enough to see that it is there. */
const enough = 0.35

/** Scrolls to the picture where hardly any of it is in the window, as below an open panel on a phone. */
export function bringToSight(): void {
  const frame = find('frame', HTMLElement)
  const { top, bottom, height } = frame.getBoundingClientRect()
  const seen = Math.min(bottom, innerHeight) - Math.max(top, 0)
  if (seen >= enough * Math.min(height, innerHeight)) return
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  frame.scrollIntoView({ block: 'nearest', behavior: still ? 'instant' : 'smooth' })
}

import { find } from '../../shared/dom'
import * as view from '../view'
import type { Compared } from './compared'

/** The button that opens the panel of two pictures, whose code comes with the first press. */
export function startCompare(compared: Compared): void {
  const button = find('compare', HTMLButtonElement)
  button.addEventListener('click', () => {
    import('./compare-panel').then(
      ({ openCompare }) => openCompare(compared),
      () => view.say('This part of the page did not come. Get back online and try again.'),
    )
  })
  compared.gallery.onCount((count) => {
    button.disabled = count === 0
  })
}

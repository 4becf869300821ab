import { find } from '../shared/dom'

/** What shows through the transparent parts: a checkerboard, white, black, or a colour of one's own. */
export function startBackground(): void {
  const frame = find('frame', HTMLElement)
  const choices = find('background', HTMLFieldSetElement)
  const colour = find('colour', HTMLInputElement)

  const show = (): void => {
    const chosen = choices.querySelector<HTMLInputElement>('input[type=radio]:checked')?.value ?? 'checker'
    colour.hidden = chosen !== 'own'
    frame.dataset.background = chosen === 'checker' ? 'checker' : 'plain'
    frame.style.setProperty('--behind', chosen === 'own' ? colour.value : chosen)
    choices.style.setProperty('--own', colour.value)
  }
  choices.addEventListener('input', show)
  show()
}

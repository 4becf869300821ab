import { find, make } from '../shared/dom'

export interface NoticeAction {
  readonly label: string
  readonly run: () => void
}

const bar = find('notice', HTMLElement)
/** Long enough to be read without haste. */
const passingMs = 15_000

/** Says something at the foot of the page that asks for nothing at once. It stays until it is put away. */
export function showNotice(words: string, action?: NoticeAction): void {
  delete bar.dataset.passing
  const close = make('button', 'plain', '✕')
  close.type = 'button'
  close.setAttribute('aria-label', 'Put away')
  close.addEventListener('click', hideNotice)
  bar.replaceChildren(make('p', '', words), ...(action ? [button(action)] : []), close)
}

/** Says something that needs no answer, beside the page's name, where it covers nothing, and goes by itself. */
export function showPassingNotice(words: string): void {
  showNotice(words)
  bar.dataset.passing = ''
  const [said] = bar.children
  setTimeout(() => {
    if (said?.isConnected) hideNotice() // Another notice may have taken its place.
  }, passingMs)
}

export function hideNotice(): void {
  bar.replaceChildren()
}

function button({ label, run }: NoticeAction): HTMLButtonElement {
  const element = make('button', 'strong', label)
  element.type = 'button'
  element.addEventListener('click', run)
  return element
}

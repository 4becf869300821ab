import { find } from '../shared/dom'

/** Chromium's event; the DOM types do not know it. */
interface InstallPrompt extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>
}

/** Shows the Install button where the browser offers to install the page, for as long as it does. */
export function startInstall(): void {
  const button = find('install', HTMLButtonElement)
  let offer: InstallPrompt | undefined
  const show = (next: InstallPrompt | undefined): void => {
    offer = next
    button.hidden = next === undefined
  }
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault() // Else some browsers show a banner of their own.
    show(event as InstallPrompt)
  })
  addEventListener('appinstalled', () => show(undefined))
  button.addEventListener('click', () => {
    const asked = offer
    show(undefined) // An offer can be used once; the browser makes another if it was declined.
    void asked?.prompt()
  })
}

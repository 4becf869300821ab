import { find } from './dom'

const choices = ['auto', 'light', 'dark'] as const
type Theme = (typeof choices)[number]

const signs: Record<Theme, string> = {
  auto: '<path d="M12 3a9 9 0 1 0 0 18z" class="solid"/><circle cx="12" cy="12" r="9"/>',
  light:
    '<circle cx="12" cy="12" r="4"/><path d="M12 2v3M12 19v3M2 12h3M19 12h3M4.9 4.9l2.1 2.1M17 17l2.1 2.1M4.9 19.1 7 17M17 7l2.1-2.1"/>',
  dark: '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500z"/>',
}

/** The system's theme until one is chosen; the choice is remembered where the browser allows it. */
export function startTheme(): void {
  document.getElementById('not-started')?.remove()
  const button = find('theme', HTMLButtonElement)
  let theme = remembered()
  const show = (): void => {
    if (theme === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true">${signs[theme]}</svg>`
    button.setAttribute('aria-label', `Theme: ${theme}`)
    button.title = `Theme: ${theme}`
  }
  button.addEventListener('click', () => {
    theme = next(theme)
    remember(theme)
    show()
  })
  show()
}

/** From the system's theme to the other one first, so that every press is seen. */
function next(theme: Theme): Theme {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const order: readonly Theme[] = dark ? ['auto', 'light', 'dark'] : ['auto', 'dark', 'light']
  return order[(order.indexOf(theme) + 1) % order.length] ?? 'auto'
}

function remembered(): Theme {
  try {
    const stored = localStorage.getItem('theme')
    return choices.find((choice) => choice === stored) ?? 'auto'
  } catch {
    return 'auto' // Storage may be refused; the theme then lasts as long as the page.
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem('theme', theme)
  } catch {
    // As above.
  }
}

import { type EngineError, type Notice, probe } from '../../index'
import { find } from '../shared/dom'
import { bytes } from '../shared/words'

const KEY = 'accepted-terms'

/** Shows a model's terms in the frame. Nothing but its manifest has been fetched by then. */
export interface Terms {
  /** Hash of the terms of a model that a person accepted on this device. */
  accepted(): string | undefined
  /** Shows them where an error asks for that; `onAccept` is called once they are accepted. */
  ask(error: unknown, onAccept: () => unknown): boolean
  hide(): void
}

export function createTerms(model: URL): Terms {
  const section = find('terms', HTMLElement)
  const accept = find('terms-accept', HTMLButtonElement)
  /** Also where nothing may be stored. */
  const known = new Map(stored())
  let onAccepted = (): unknown => undefined

  accept.addEventListener('click', () => {
    known.set(model.href, section.dataset.hash ?? '')
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(known)))
    } catch {} // Then it is asked again at the next visit.
    section.hidden = true
    onAccepted()
  })

  function show({ title, text, url, hash }: Notice): void {
    section.dataset.hash = hash
    const heading = find('terms-title', HTMLElement)
    heading.textContent = title
    find('terms-text', HTMLTextAreaElement).value = text
    find('terms-link', HTMLAnchorElement).href = url
    section.hidden = false
    heading.focus()
    // On a phone the button would be below the fold, and again once the needs are told above it.
    const accept = find('terms-accept', HTMLButtonElement)
    accept.scrollIntoView({ block: 'nearest' })
    void showNeeds(model, hash).then(() => accept.scrollIntoView({ block: 'nearest' }))
  }

  async function showNeeds(model: URL, hash: string): Promise<void> {
    const needs = find('terms-needs', HTMLElement)
    needs.textContent = ''
    const { model: found, memory, reasons } = await probe({ model })
    if (!found || section.dataset.hash !== hash) return
    const size = `${bytes(found.missingBytes)} to download, about ${bytes(memory.needed ?? 0)} of memory.`
    needs.textContent = [size, ...reasons].join(' ')
  }

  return {
    accepted: () => known.get(model.href),
    ask(error, onAccept) {
      const notice = error instanceof Error && (error as EngineError).notice
      if (!notice) return false
      onAccepted = onAccept
      show(notice)
      return true
    },
    hide() {
      section.hidden = true
    },
  }
}

/** Hashes by the model's address, as far as storage holds what was put there. */
function stored(): [string, string][] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return Object.entries(Object(found)).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  } catch {
    return []
  }
}

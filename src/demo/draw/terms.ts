import type { EngineError, Notice, ProbeReport } from '../../index'
import { find } from '../shared/dom'
import { bytes } from '../shared/words'

const KEY = 'accepted-terms'
/** More than this is not downloaded unasked: seven times the built-in model. */
const LARGE_BYTES = 200_000_000

/** Shows a model's terms in the frame. Nothing but its manifest has been fetched by then. */
export interface Terms {
  /** Hash of the terms of a model that a person accepted on this device. */
  accepted(): string | undefined
  /** Shows them where an error asks for that; `onAccept` is called once they are accepted. */
  ask(error: unknown, onAccept: () => unknown): boolean
  /** Asks before a large model is downloaded that has no terms; once a visit. */
  askSize(onAccept: () => unknown): Promise<boolean>
  hide(): void
}

export function createTerms(model: URL): Terms {
  const section = find('terms', HTMLElement)
  const accept = find('terms-accept', HTMLButtonElement)
  /** Also where nothing may be stored. */
  const known = new Map(stored())
  let agreedToSize = false
  let onAccepted = (): unknown => undefined

  accept.addEventListener('click', () => {
    // Terms are shown with the size.
    agreedToSize = true
    if (section.dataset.hash) {
      known.set(model.href, section.dataset.hash)
      try {
        localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(known)))
      } catch {} // Then it is asked again at the next visit.
    }
    section.hidden = true
    onAccepted()
  })

  /** Without a notice it is only the size that is asked about. */
  function show(title: string, notice?: Notice): void {
    section.dataset.hash = notice?.hash ?? ''
    const heading = find('terms-title', HTMLElement)
    heading.textContent = title
    const [text, link] = [find('terms-text', HTMLTextAreaElement), find('terms-link', HTMLAnchorElement)]
    text.hidden = link.hidden = !notice
    if (notice) {
      text.value = notice.text
      link.href = notice.url
    }
    accept.textContent = notice ? 'Accept and load' : 'Download and load'
    find('terms-needs', HTMLElement).textContent = ''
    section.hidden = false
    heading.focus()
    // On a phone the button would be below the fold.
    accept.scrollIntoView({ block: 'nearest' })
  }

  function showNeeds({ model: found, memory, reasons }: ProbeReport): void {
    const size = `${bytes(found?.missingBytes ?? 0)} to download, about ${bytes(memory.needed ?? 0)} of memory.`
    find('terms-needs', HTMLElement).textContent = [size, ...reasons].join(' ')
    accept.scrollIntoView({ block: 'nearest' })
  }

  return {
    accepted: () => known.get(model.href),
    ask(error, onAccept) {
      const notice = error instanceof Error && (error as EngineError).notice
      if (!notice) return false
      onAccepted = onAccept
      show(notice.title, notice)
      void probed(model).then((report) => {
        if (section.dataset.hash === notice.hash) showNeeds(report)
      })
      return true
    },
    async askSize(onAccept) {
      if (agreedToSize || new URL(location.href).searchParams.get('model') === null) return false
      // What cannot be found is told by the one who loads it.
      const report = await probed(model).catch(() => undefined)
      const { missingBytes = 0, notice } = report?.model ?? {}
      if (!report || missingBytes <= LARGE_BYTES || (notice && notice.hash !== known.get(model.href))) return false
      onAccepted = onAccept
      show('A large model')
      showNeeds(report)
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

async function probed(model: URL): Promise<ProbeReport> {
  const { probe } = await import('./lazy-probe')
  return probe({ model })
}

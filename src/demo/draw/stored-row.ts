import { type StoredModel, verifyModel } from '../../index'
import { make } from '../shared/dom'
import { bytes, counted } from '../shared/words'

/** A stored model: its size, a check of every byte, and deletion, which asks once and in place. */
export function createStoredRow(stored: StoredModel, remove: (stored: StoredModel) => Promise<void>): HTMLLIElement {
  const title = `${stored.name} ${stored.version}`
  const buttons = make('div', 'buttons')
  const result = make('p', 'result')
  result.setAttribute('role', 'status')
  let checking = false

  function offer(): HTMLButtonElement {
    const deletion = button('Delete', `Delete ${title}`, () => ask())
    buttons.replaceChildren(
      button('Check', `Check ${title}`, () => void check()),
      deletion,
    )
    return deletion
  }

  function ask(): void {
    result.textContent = `Delete ${bytes(stored.storedBytes)}?`
    const keep = button('Keep', `Keep ${title}`, decline)
    const confirm = button('Delete', `Delete ${title} now`, () => {
      buttons.replaceChildren()
      result.textContent = 'Deleting.'
      void remove(stored).finally(() => {
        // Still here if it was not deleted; the section says why.
        result.textContent = ''
        offer()
      })
    })
    confirm.classList.add('danger')
    buttons.replaceChildren(confirm, keep) // A second click of the one that asked deletes nothing.
    keep.focus()
  }

  function decline(): void {
    result.textContent = ''
    offer().focus()
  }

  async function check(): Promise<void> {
    if (checking) return
    checking = true
    result.textContent = `Reading ${bytes(stored.storedBytes)}.`
    try {
      result.textContent = words((await verifyModel(stored.model)).files)
    } catch (error) {
      result.textContent = error instanceof Error ? error.message : String(error)
    } finally {
      checking = false
    }
  }

  buttons.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !buttons.querySelector('.danger')) return
    event.stopPropagation() // Elsewhere on the page it cancels the picture.
    decline()
  })
  offer()
  return make('li', '', make('p', '', make('b', '', title), make('span', '', sizeWords(stored))), buttons, result)
}

function sizeWords({ bytes: whole, storedBytes, complete }: StoredModel): string {
  return complete ? bytes(storedBytes) : `${bytes(storedBytes)} of ${bytes(whole)}`
}

type CheckedFile = Awaited<ReturnType<typeof verifyModel>>['files'][number]

/** A file that is not as it should be is fetched again by the next load. */
function words(files: readonly CheckedFile[]): string {
  const states = { corrupt: 'damaged', missing: 'missing', partial: 'incomplete' } as const
  const bad = files.flatMap(({ path, state }) => (state === 'ok' ? [] : [`${path} is ${states[state]}`]))
  if (bad.length === 0) return `Checked: ${counted(files.length, 'file')}, every byte as it should be.`
  return `${bad.join('; ')}. Load the page again with a network: it fetches what is wrong or missing.`
}

function button(label: string, name: string, run: () => void): HTMLButtonElement {
  const element = make('button', 'small', label)
  element.type = 'button'
  element.setAttribute('aria-label', name)
  element.addEventListener('click', run)
  return element
}

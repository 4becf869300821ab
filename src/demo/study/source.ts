import { counted } from '../shared/words'
import { chosenFiles, droppedFiles, type FolderFiles, folderReader } from './folder'
import { fetchSet, type PictureSet, readSet } from './sets'

/** Draws a set with the model at an address; `onProgress` gets words for the status line. */
export type Draw = (model: string, signal: AbortSignal, onProgress: (words: string) => void) => Promise<PictureSet>

export interface Source {
  readonly element: HTMLElement
  /** Loads a set from an address of this site, as if it had been typed. */
  load(address: string): Promise<void>
  /** Forgets the set and everything that names it. */
  clear(): void
}

/** Where one set comes from: a folder, an address, or a model that draws in this page. The set's name is not shown. */
export function createSource(
  letter: 'A' | 'B',
  template: HTMLTemplateElement,
  draw: Draw,
  onSet: (set: PictureSet | undefined) => void,
): Source {
  const fieldset = (template.content.cloneNode(true) as DocumentFragment).querySelector(
    'fieldset',
  ) as HTMLFieldSetElement
  const part = <E extends Element>(selector: string): E => fieldset.querySelector(selector) as E
  const folder = part<HTMLInputElement>('input[webkitdirectory]')
  const address = part<HTMLInputElement>('input[name=address]')
  const model = part<HTMLInputElement>('input[name=model]')
  const go = part<HTMLButtonElement>('form[data-panel=model] [type=submit]')
  const stop = part<HTMLButtonElement>('.stop')
  const status = part<HTMLElement>('.status')
  const panels = [...fieldset.querySelectorAll<HTMLElement>('[data-panel]')]
  const kinds = [...fieldset.querySelectorAll<HTMLInputElement>('input[type=radio]')]
  /** Stops what is under way: a later choice replaces an earlier one. */
  let under = new AbortController()

  fieldset.dataset.testid = `set-${letter.toLowerCase()}`
  part('legend').textContent = `Set ${letter}`
  folder.setAttribute('aria-label', `Choose a folder for set ${letter}`)
  for (const kind of kinds) {
    kind.name = `source-${letter}`
    kind.addEventListener('change', () => show(kind.value))
  }

  function show(kind: string): void {
    for (const panel of panels) panel.hidden = panel.dataset.panel !== kind
    for (const radio of kinds) radio.checked = radio.value === kind
  }

  async function attempt(words: string, open: (signal: AbortSignal) => Promise<PictureSet>): Promise<void> {
    under.abort()
    under = new AbortController()
    const { signal } = under
    fieldset.dataset.outcome = 'under way'
    status.textContent = words
    onSet(undefined)
    try {
      const set = await open(signal)
      if (signal.aborted) return
      fieldset.dataset.outcome = 'ready'
      status.textContent = `${counted(set.pictures.length, 'picture')}, all readable.`
      onSet(set)
    } catch (error) {
      if (signal !== under.signal) return
      fieldset.dataset.outcome = signal.aborted ? '' : 'failed'
      status.textContent = signal.aborted ? 'Stopped.' : error instanceof Error ? error.message : String(error)
    }
  }

  const openFolder = (files: () => Promise<FolderFiles>): Promise<void> =>
    attempt('Reading the pictures.', async () => readSet(folderReader(await files())))
  const openAddress = (): Promise<void> => attempt('Loading the pictures.', () => fetchSet(address.value.trim()))

  folder.addEventListener('change', () => {
    const files = chosenFiles(folder.files ?? [])
    folder.value = '' // The same folder can be chosen again, and nothing on the page names it.
    if (files.size > 0) void openFolder(async () => files)
  })
  part<HTMLFormElement>('form[data-panel=address]').addEventListener('submit', (event) => {
    event.preventDefault()
    void openAddress()
  })
  part<HTMLFormElement>('form[data-panel=model]').addEventListener('submit', async (event) => {
    event.preventDefault()
    go.hidden = true
    stop.hidden = false
    const address = model.value.trim() || model.placeholder
    await attempt('Loading the model.', (signal) => draw(address, signal, (words) => (status.textContent = words)))
    stop.hidden = true
    go.hidden = false
  })
  stop.addEventListener('click', () => under.abort())

  fieldset.addEventListener('dragover', (event) => {
    event.preventDefault()
    fieldset.dataset.over = ''
  })
  fieldset.addEventListener('dragleave', () => delete fieldset.dataset.over)
  fieldset.addEventListener('drop', (event) => {
    event.preventDefault()
    delete fieldset.dataset.over
    const files = droppedFiles(event.dataTransfer?.items ?? [])
    show('folder')
    void openFolder(() => files)
  })

  return {
    element: fieldset,
    async load(wanted) {
      show('address')
      address.value = wanted
      await openAddress()
    },
    clear() {
      under.abort()
      under = new AbortController()
      for (const input of [folder, address, model]) input.value = ''
      delete fieldset.dataset.outcome
      status.textContent = ''
      show('folder')
    },
  }
}

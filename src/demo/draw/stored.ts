import { deleteModel, listModels, type StoredModel } from '../../index'
import { find } from '../shared/dom'
import { bytes } from '../shared/words'
import { showPassingNotice } from './notice'
import { createStoredRow } from './stored-row'
import { state } from './view'

export interface Stored {
  /** Looks again at what is stored. */
  refresh(): Promise<void>
  /** The app itself is stored for the first time: says so as soon as its model is, too. */
  announce(): void
}

/** The section that lists what this browser keeps, how safe it is there, and whether the app starts without a network. */
export function createStored(model: URL): Stored {
  const title = find('stored-title', HTMLElement)
  const list = find('stored-models', HTMLUListElement)
  const news = find('stored-news', HTMLElement)
  let rows: ReadonlyMap<string, HTMLLIElement> = new Map()
  let toAnnounce = false
  let looking: Promise<void> | undefined

  async function remove(stored: StoredModel): Promise<void> {
    try {
      const freed = await deleteModel(stored.model)
      await refresh()
      title.focus() // The button that was pressed is gone.
      const inMemory = stored.model === model.href && document.body.dataset.backend !== undefined
      news.textContent =
        `Deleted ${stored.name}: ${bytes(freed)} are free again.` +
        (inMemory ? ' This page continues to draw from memory until it is closed.' : '')
    } catch (error) {
      news.textContent = error instanceof Error ? error.message : String(error)
    }
  }

  /** A row that says the same as before stays: its question may be about to be answered. */
  function showRows(models: readonly StoredModel[]): void {
    const before = rows
    rows = new Map(
      models.map((each) => {
        const { inUse: _, usedAt: __, ...said } = each
        const key = JSON.stringify(said)
        return [key, before.get(key) ?? createStoredRow(each, remove)]
      }),
    )
    if ([...rows.keys()].join() !== [...before.keys()].join()) list.replaceChildren(...rows.values())
  }

  async function look(): Promise<void> {
    const [models, appStored] = await Promise.all([listModels(), isAppStored()])
    showRows(models)
    const complete = models.some((each) => each.model === model.href && each.complete)
    find('stored-offline', HTMLElement).textContent = offlineWords(appStored, complete)
    find('stored-space', HTMLElement).textContent = await spaceWords(models.length > 0)
    if (toAnnounce && appStored && complete && state() !== 'error') {
      toAnnounce = false
      showPassingNotice('Works offline now.')
    }
  }

  /** One look at a time: of two that overlap, the older could be the last to show what it found. */
  function refresh(): Promise<void> {
    looking = (looking ?? Promise.resolve()).then(look).catch((error: unknown) => {
      news.textContent = error instanceof Error ? error.message : String(error)
    })
    return looking
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void refresh() // Another tab may have stored or deleted something.
  })
  return {
    refresh,
    announce() {
      toAnnounce = true
      void navigator.serviceWorker.ready.then(refresh) // It is installed, and takes a moment to become active.
    },
  }
}

/** Whether a service worker would start this page without a network. */
async function isAppStored(): Promise<boolean> {
  const registration = await navigator.serviceWorker?.getRegistration()
  return Boolean(registration?.active)
}

function offlineWords(appStored: boolean, modelStored: boolean): string {
  if (appStored && modelStored) return 'Works offline: the page and its model are on this device.'
  if (appStored) return 'Opens offline, but its model is not all on this device yet.'
  return modelStored ? 'The model is on this device; the page itself is not.' : 'Does not work offline yet.'
}

/** The browser's own numbers: of all that this site stores, the page included. */
async function spaceWords(keepsModels: boolean): Promise<string> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate()) ?? {}
  const space = quota > 0 ? `${bytes(usage)} in use of the ${bytes(quota)} that this browser allows.` : ''
  if (!keepsModels) return space
  const persisted = await navigator.storage?.persisted?.()
  return `${space} ${
    persisted
      ? 'The browser promised to keep it until you delete it.'
      : 'The browser may clear it when the disk fills up.'
  }`.trim()
}

/// <reference types="vite-plugin-pwa/vanillajs" />
import { registerSW } from 'virtual:pwa-register'
import { keepRuntime } from './keep-runtime'
import { hideNotice, showNotice } from './notice'
import { onEnter, state } from './view'

/** Held, shared, by every tab that draws: a new version takes over when no tab holds it. */
const drawingLock = 'scalewise/drawing'
const hourMs = 3_600_000

export interface UpdateOptions {
  /** The page is about to reload: what is in the form has to come back. */
  readonly beforeReload: () => void
  /** The app itself is stored for the first time. */
  readonly onStored: () => void
}

/**
 * Registers the service worker. A new version is offered and waits to be asked for; then it waits for the pictures that
 * are being drawn, in any tab, and every tab loads it.
 */
export function startUpdates({ beforeReload, onStored }: UpdateOptions): void {
  if (!('serviceWorker' in navigator)) return
  const workers = navigator.serviceWorker
  const activate = registerSW({
    onNeedRefresh: () => void offer(),
    onOfflineReady: () => void keepRuntime().then(onStored, () => {}),
    onNeedReload: () => {}, // `controllerchange` below also sees what this does not: updates of a first visit.
    onRegisteredSW: (_, registration) => registration && watch(registration),
    onRegisterError: () => {}, // A browser or a test that refuses service workers: the page works as any other.
  })

  /** Once for each version: its worker is reported twice, and the first notice may have been dismissed by then. */
  let offered: ServiceWorker | undefined
  async function offer(): Promise<void> {
    const waiting = (await workers.getRegistration())?.waiting ?? undefined
    if (waiting && waiting === offered) return
    offered = waiting
    showNotice('A new version is ready.', { label: 'Reload', run: () => void update() })
  }

  async function update(): Promise<void> {
    if (state() === 'drawing') showNotice('The new version comes when the picture is done.')
    await withLock('exclusive', activate)
  }

  let controlled = workers.controller !== null
  workers.addEventListener('controllerchange', () => {
    // The first one is the first visit's: the page is of that version already.
    if (controlled) void reload()
    controlled = true
  })

  async function reload(): Promise<void> {
    await whenNotDrawing()
    hideNotice()
    beforeReload()
    location.reload()
  }
  holdWhileDrawing()
}

/** Looks for a new version also where a page stays open for days: when its user comes back to it, or online. */
function watch(registration: ServiceWorkerRegistration): void {
  let last = Date.now()
  const look = (): void => {
    if (document.hidden || !navigator.onLine || Date.now() - last < hourMs) return
    last = Date.now()
    registration.update().catch(() => {}) // No connection: the next time.
  }
  document.addEventListener('visibilitychange', look)
  addEventListener('online', look)
}

/** Where the browser refuses locks, tabs cannot wait for each other's pictures: the work is done all the same. */
async function withLock(mode: LockMode, work: () => Promise<void>): Promise<void> {
  let asked = false
  try {
    await navigator.locks.request(drawingLock, { mode }, () => {
      asked = true
      return work()
    })
  } catch (error) {
    if (asked) throw error
    await work()
  }
}

function holdWhileDrawing(): void {
  let release: (() => void) | undefined
  onEnter((entered) => {
    release?.()
    release = undefined
    if (entered !== 'drawing') return
    const done = new Promise<void>((resolve) => {
      release = resolve
    })
    void withLock('shared', () => done)
  })
}

function whenNotDrawing(): Promise<void> {
  if (state() !== 'drawing') return Promise.resolve()
  return new Promise((resolve) => {
    const forget = onEnter((entered) => {
      if (entered === 'drawing') return
      forget()
      resolve()
    })
  })
}

import type { EngineProgress, WeightSource } from '../../index'
import { find, make } from '../shared/dom'
import { bytes, duration } from '../shared/words'

export interface Loading {
  start(): void
  /** Takes `download` and `compile` events; returns a sentence when something new began, else undefined. */
  show(event: EngineProgress): string | undefined
}

/** Of the bar; preparing what has come takes the rest. */
const downloadPart = 0.8
/** A pace measured over less says nothing. */
const paceMs = 1_500

interface Row {
  readonly root: HTMLElement
  readonly amount: HTMLElement
  loaded: number
  total: number
  source: WeightSource
  /** Bytes that were stored before this visit. */
  kept: number
}

/** What the frame shows until the model is there: bytes of each file and of all of them. */
export function createLoading(): Loading {
  const title = find('loading-title', HTMLElement)
  const total = find('loading-total', HTMLProgressElement)
  const sum = find('loading-bytes', HTMLElement)
  const list = find('loading-files', HTMLUListElement)
  const rows = new Map<string, Row>()
  let stage = ''
  let began: number | undefined

  function row(file: string): Row {
    const known = rows.get(file)
    if (known) return known
    const amount = make('span', 'amount')
    const created: Row = {
      root: make('li', '', make('span', 'name', file), amount),
      amount,
      loaded: 0,
      total: 0,
      source: 'network',
      kept: 0,
    }
    rows.set(file, created)
    list.append(created.root)
    return created
  }

  function showDownload(event: Extract<EngineProgress, { stage: 'download' }>): void {
    const current = row(event.file)
    if (event.source === 'store') current.kept = event.loaded
    Object.assign(current, { loaded: event.loaded, total: event.total, source: event.source })
    const finished = event.loaded >= event.total
    current.root.dataset.file = finished ? 'done' : 'loading'
    current.root.style.setProperty('--part', String(event.total > 0 ? event.loaded / event.total : 1))
    current.amount.textContent = amountWords(current, finished)
    const all = [...rows.values()]
    const loaded = all.reduce((before, each) => before + each.loaded, 0)
    const wanted = all.reduce((before, each) => before + each.total, 0)
    advance(wanted > 0 ? (loaded / wanted) * downloadPart : 0)
    const stored = all.reduce((before, each) => before + Math.min(each.kept, each.loaded), 0)
    sum.textContent = all.every((each) => each.kept === each.total)
      ? `${bytes(wanted)} kept from your last visit`
      : `${bytes(loaded)} of ${bytes(wanted)}${timeLeft(loaded - stored, wanted - loaded)}`
  }

  /** Files become known one after the other: the bar waits then, it never goes back. */
  function advance(part: number): void {
    total.value = Math.max(total.value, part)
  }

  /** At the pace since the first byte, once that is worth something. */
  function timeLeft(come: number, left: number): string {
    const now = performance.now()
    began ??= now
    const elapsed = now - began
    if (elapsed < paceMs || come < 1 || left < 1) return ''
    const seconds = (left / come) * (elapsed / 1000)
    return seconds < 90
      ? `, about ${Math.max(1, Math.round(seconds))} s left`
      : `, about ${Math.round(seconds / 60)} min left`
  }

  function showRetry({ file, delayMs, attempt, limit }: Extract<EngineProgress, { stage: 'retry' }>): string {
    const current = row(file)
    current.root.dataset.file = 'waiting'
    current.amount.textContent = `connection lost, again in ${duration(delayMs)}`
    return `The connection was lost. Trying again in ${duration(delayMs)}, ${attempt} of ${limit}.`
  }

  return {
    start() {
      rows.clear()
      list.replaceChildren()
      title.textContent = 'Loading the model'
      sum.textContent = ''
      total.value = 0
      began = undefined
      stage = ''
    },
    show(event) {
      if (event.stage === 'download') {
        showDownload(event)
        if (stage === 'download' || stage === 'compile') return undefined
        stage = 'download'
        return beginnings[event.source]
      }
      if (event.stage === 'retry') {
        stage = 'retry'
        return showRetry(event)
      }
      if (event.stage === 'compile') {
        stage = 'compile'
        // Files are prepared while others still come; those take longer, and so the page counts bytes.
        if ([...rows.values()].every(({ loaded, total }) => loaded >= total)) {
          title.textContent = `Preparing ${event.file}`
          sum.textContent = `${event.index + 1} of ${event.count}`
          advance(downloadPart + ((1 - downloadPart) * (event.index + 1)) / event.count)
        }
        return `Preparing ${event.file}, ${event.index + 1} of ${event.count}.`
      }
      return undefined
    },
  }
}

const beginnings: Readonly<Record<WeightSource, string>> = {
  network: 'Loading the model.',
  store: 'Loading the model from this browser.',
  tab: 'Another tab is downloading the model.',
}

function amountWords({ loaded, total, source, kept }: Row, finished: boolean): string {
  if (finished) return kept === total ? `${bytes(total)}, kept from before` : bytes(total)
  const amount = `${bytes(loaded)} of ${bytes(total)}`
  if (source === 'tab') return `${amount}, by another tab`
  return kept > 0 ? `${amount}, ${bytes(kept)} kept from before` : amount
}

/** study.html: two sets of pictures, compared pair by pair without knowing which is which. */

import { find } from '../shared/dom'
import { startTheme } from '../shared/theme'
import type { Study } from './format'
import { matchPairs } from './pairs'
import { donePairs, merged, studyId } from './record'
import { clearResult, showResult } from './result-view'
import { saveVotes } from './save'
import { createSetup, type Sets } from './setup'
import { createVoteStore } from './votes'
import { createVoting } from './voting'

type Page = 'setup' | 'vote' | 'result'

const address = new URL(location.href)
const store = createVoteStore(() => {
  warn('This browser keeps nothing for this page: votes last until it is closed. Export them before you leave.')
})
/** What is judged or shown now. The votes in it may be old: `latest` reads them. */
let opened: { readonly id: string; readonly study: Study; readonly sets: Sets | undefined } | undefined

const setup = createSetup(address.searchParams, {
  stored: store.study,
  onStart: (sets, seed) => void begin(sets, seed),
  onImport: (study) => void importVotes(study),
})
const voting = createVoting(store, (study) => openResult(study, opened?.sets))

function open(page: Page): void {
  document.body.dataset.state = page
  if (page !== 'result') clearResult() // It names the sets, and the next pair must not.
  for (const each of ['setup', 'vote', 'result'] as const) find(each, HTMLElement).hidden = each !== page
  scrollTo(0, 0)
}

function warn(words: string): void {
  find('warning-words', HTMLElement).textContent = words
  find('warning', HTMLElement).hidden = false
}

async function begin(sets: Sets, seed: bigint): Promise<void> {
  const [a, b] = sets
  const names = { a: { name: a.name, sha256: a.sha256 }, b: { name: b.name, sha256: b.sha256 } }
  const pairs = matchPairs(a.pictures, b.pictures).pairs.length
  const fresh: Study = { format: 1, seed: String(seed), sets: names, pairs, votes: [], skipped: [] }
  const id = studyId(fresh)
  const study = await store.change(id, (stored) => stored ?? fresh)
  if (!(await store.open(id, sets)) && store.kept) {
    warn(
      'This browser has no room for the pictures. Votes are kept; after a reload, choose the same sets and seed again.',
    )
  }
  await openVoting(study, sets)
}

async function openVoting(study: Study, sets: Sets): Promise<void> {
  opened = { id: studyId(study), study, sets }
  setup.clear()
  // The address may name the sets.
  for (const name of ['a', 'b', 'seed']) address.searchParams.delete(name)
  history.replaceState(null, '', address)
  open('vote')
  await voting.open(study, sets)
}

function openResult(study: Study, sets: Sets | undefined): void {
  opened = { id: studyId(study), study, sets }
  voting.close()
  showResult(study, sets)
  find('resume', HTMLButtonElement).hidden = !sets || donePairs(study).size >= study.pairs
  open('result')
  find('result-title', HTMLElement).focus({ preventScroll: true })
}

async function importVotes(imported: Study): Promise<void> {
  const study = await store.change(studyId(imported), (stored) => (stored ? merged(stored, imported) : imported))
  openResult(study, undefined)
}

async function latest(): Promise<Study | undefined> {
  return opened && ((await store.study(opened.id)) ?? opened.study)
}

async function exportVotes(): Promise<void> {
  const study = await latest()
  if (study) saveVotes(study)
}

function confirm(words: string, yes: string): Promise<boolean> {
  const dialog = find('confirm', HTMLDialogElement)
  find('confirm-words', HTMLElement).textContent = words
  find('confirm-yes', HTMLButtonElement).textContent = yes
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}

function onClick(id: string, action: () => Promise<void>): void {
  find(id, HTMLButtonElement).addEventListener('click', () => void action())
}

for (const id of ['export', 'pause', 'warning-export']) onClick(id, exportVotes)
onClick('finish', async () => {
  const words =
    'The result names the sets, and later votes would not be blind to how the study stands. Judge all pairs first if you can.'
  if (!(await confirm(words, 'Show the result'))) return
  const study = await latest()
  if (study) openResult(study, opened?.sets)
})
onClick('resume', async () => {
  const study = await latest()
  if (study && opened?.sets) await openVoting(study, opened.sets)
})
onClick('another', async () => {
  opened = undefined
  await store.close()
  open('setup')
})
onClick('delete', async () => {
  if (!opened || !(await confirm('The votes are deleted from this browser. Exported files stay.', 'Delete'))) return
  await store.remove(opened.id)
  opened = undefined
  open('setup')
})
addEventListener('beforeunload', (event) => {
  if (!store.kept && opened) event.preventDefault()
})

startTheme()
const wanted = address.searchParams.has('a') || address.searchParams.has('b')
const current = wanted ? undefined : await store.current()
if (current?.sets) {
  const { study, sets } = current
  if (donePairs(study).size >= study.pairs) openResult(study, sets)
  else await openVoting(study, sets)
} else {
  open('setup')
  setup.open(current?.study)
}

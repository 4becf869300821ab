import { find, make } from '../../shared/dom'
import type { Drawn } from '../easel'
import type { KeptEntry } from '../gallery-store'
import { type Recipe, shortRandomSeed } from '../link'
import { entryName } from '../names'
import * as view from '../view'
import type { Compared } from './compared'
import { differences, pixelWords } from './differences'
import { linkViews } from './linked-views'
import { createSide, onPageKey } from './side'

const dialog = find('compare-panel', HTMLDialogElement)
const scale = find('compare-scale', HTMLInputElement)
const scaleWords = find('compare-scale-words', HTMLElement)
const news = find('compare-news', HTMLElement)
const style = find('compare-style', HTMLSelectElement)
const schedule = find('compare-schedule', HTMLSelectElement)
const otherSeed = find('compare-seed', HTMLInputElement)
const draw = find('compare-draw', HTMLButtonElement)

/** What the panel was opened with; the same of a page. */
let page: Compared | undefined
/** The right one is drawn. */
let awaiting = false

const labelOf = (id: string, value: string): string =>
  [...find(id, HTMLSelectElement).options].find((option) => option.value === value)?.text ?? value
const names = { style: (id: string) => labelOf('style', id), schedule: (name: string) => labelOf('schedule', name) }

const options = {
  called: (entry: KeptEntry) => {
    const { style: id, schedule: name } = entry.recipe
    return [
      entryName(entry),
      ...(id ? [names.style(id)] : []),
      name,
      ...(entry.started ? ['from a picture'] : []),
    ].join(', ')
  },
  onChange: tell,
  onPage: () => page?.easel.shown(),
  onProblem: (words: string) => {
    news.textContent = words
  },
}
const left = createSide({ side: 'left', ...options })
const right = createSide({ side: 'right', ...options })
const views = linkViews([left.view, right.view])

/** All that depends on which two are shown. */
function tell(): void {
  const [one, other] = [left.shown(), right.shown()]
  if (!one) return
  const rows = differences(one, other, names).map((row) => {
    const head = make('th', '', row.name)
    head.scope = 'row'
    const differs = other !== undefined && row.left !== row.right
    if (differs) head.append(make('span', 'differs', ' ≠'), make('span', 'hidden', ' differs'))
    return make('tr', differs ? 'other' : '', head, make('td', '', row.left), make('td', '', row.right))
  })
  find('compare-rows', HTMLTableSectionElement).replaceChildren(...rows)
  find('compare-pixels', HTMLElement).textContent = other ? pixelWords(one.result.image, other.result.image) : ''
  const steps = Math.max(one.scales.length, other?.scales.length ?? 0, 1)
  if (Number(scale.max) !== steps) {
    scale.max = String(steps)
    scale.value = scale.max
  }
  scale.disabled = steps < 2
  lookAtScale()
}

function lookAtScale(): void {
  const part = scale.max === '1' ? 1 : (Number(scale.value) - 1) / (Number(scale.max) - 1)
  for (const side of [left, right]) side.look(part)
  const cells = [...new Set([left.cells(), right.cells()].filter((each) => each !== undefined))]
  const words = part === 1 ? 'The finished pictures.' : `${cells.join(' and ')} cells along a side.`
  scaleWords.textContent = words
  scale.setAttribute('aria-valuetext', words)
}

function listAgain(): void {
  const entries = page?.gallery.entries().reverse() ?? []
  const drawn = page?.easel.shown()
  const unkept = drawn !== undefined && page?.gallery.keyOf(drawn, 0) === undefined
  for (const side of [left, right]) side.list(entries, unkept)
}

/** What stands on the page, beside the newest other one: of the same words if there is one. */
export async function openCompare(opened: Compared): Promise<void> {
  if (dialog.open) return
  if (!page) listen(opened)
  page = opened
  news.textContent = ''
  style.replaceChildren(
    ...[...find('style', HTMLSelectElement).options].map(({ text, value }) => new Option(text, value)),
  )
  const schedules = find('schedule', HTMLSelectElement).options
  schedule.replaceChildren(...[...schedules].map(({ text, value }) => new Option(text, value)))
  listAgain()
  dialog.showModal()
  const { easel, gallery } = opened
  const drawn = easel.shown()
  const entries = gallery.entries().reverse()
  const first =
    (drawn && gallery.keyOf(drawn, easel.selected())) ?? (drawn ? onPageKey : (entries[0]?.key ?? onPageKey))
  const words = drawn?.recipe.prompt ?? entries[0]?.recipe.prompt
  const others = entries.filter(({ key }) => key !== first)
  const second = others.find(({ recipe }) => recipe.prompt === words) ?? others[0]
  await left.put(first)
  if (second) await right.put(second.key)
  const { recipe } = left.shown() ?? {}
  style.value = recipe?.style ?? ''
  if (recipe) schedule.value = recipe.schedule
  otherSeed.checked = false
  offer()
}

/** The same words, drawn another way. */
function offer(): void {
  draw.disabled = view.state() === 'loading' || left.shown() === undefined
}

function drawOther(): void {
  const drawn = left.shown()
  if (!drawn || !page) return
  // Nothing else is other: it would be the same picture.
  if (style.value === drawn.recipe.style && schedule.value === drawn.recipe.schedule) otherSeed.checked = true
  const seed = otherSeed.checked ? shortRandomSeed() : drawn.result.seed
  const recipe: Recipe = { ...drawn.recipe, style: style.value, schedule: schedule.value, seed, count: 1 }
  awaiting = true
  news.textContent = 'Drawing.'
  page.draw({ ...drawn, recipe })
}

function listen({ easel, gallery }: Compared): void {
  easel.onChange((drawn: Drawn | undefined) => {
    if (!awaiting || !drawn) return
    awaiting = false
    news.textContent = 'Drawn, on the right.'
    listAgain()
    void right.put(onPageKey, drawn)
    right.view.scrollIntoView({ block: 'nearest' }) // On a phone it is above the button.
  })
  gallery.onKept(([newest]) => {
    if (!dialog.open) return
    listAgain()
    const drawn = easel.shown()
    if (newest && drawn && right.shown() === drawn) void right.put(newest.key, drawn)
  })
  view.onEnter((entered) => {
    offer()
    if (!awaiting || (entered !== 'error' && entered !== 'cancelled')) return
    awaiting = false
    news.textContent =
      entered === 'cancelled' ? 'Cancelled.' : 'Nothing was drawn: the page behind this panel says why.'
  })
  scale.addEventListener('input', lookAtScale)
  find('compare-zoom', HTMLElement).addEventListener('change', ({ target }) => {
    views.zoom(Number((target as HTMLInputElement).value))
  })
  draw.addEventListener('click', drawOther)
  find('compare-swap', HTMLButtonElement).addEventListener('click', () => void swap())
  find('compare-close', HTMLButtonElement).addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close() // Beside the panel.
  })
}

async function swap(): Promise<void> {
  const [one, other] = [left.shown(), right.shown()]
  const keys = [find('compare-left', HTMLSelectElement).value, find('compare-right', HTMLSelectElement).value]
  if (!one || !other) return
  await left.put(keys[1] ?? onPageKey, other)
  await right.put(keys[0] ?? onPageKey, one)
}

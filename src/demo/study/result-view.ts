import { find, make } from '../shared/dom'
import { counted } from '../shared/words'
import { pairName, type Study } from './format'
import { questions } from './questions'
import { donePairs } from './record'
import { type Outcome, type PairResult, pairResults, type QuestionResult, questionResults } from './results'
import type { Sets } from './setup'

let urls: string[] = []

/** The one page that names the sets. Without them the pairs have no pictures, and the figures are the same. */
export function showResult(study: Study, sets: Sets | undefined): void {
  clearResult()
  const { a, b } = study.sets
  const skipped = study.skipped.length > 0 ? `, ${study.skipped.length} of them skipped` : ''
  find('result-words', HTMLElement).replaceChildren(
    ...[make('b', 'a', `A: ${a.name}`), ' against ', make('b', 'b', `B: ${b.name}`), '. '],
    `${donePairs(study).size} of ${counted(study.pairs, 'pair')} judged${skipped}. Seed ${study.seed}.`,
  )
  const results = questionResults(study)
  const none = make('p', 'lead', 'There are no answers yet.')
  find('result-questions', HTMLElement).replaceChildren(...(results.length > 0 ? results.map(verdict) : [none]))
  const columns = ['Prompt', 'Seed', ...questions.map(({ name }) => name)]
  const heads = [...(sets ? ['A', 'B'] : []), ...columns].map((words) => {
    const head = make('th', '', words)
    head.scope = 'col'
    return head
  })
  find('result-pairs', HTMLTableElement).replaceChildren(
    make('thead', '', make('tr', '', ...heads)),
    make('tbody', '', ...pairResults(study).map((pair) => pairRow(pair, sets))),
  )
}

export function clearResult(): void {
  for (const id of ['result-words', 'result-questions', 'result-pairs']) find(id, HTMLElement).replaceChildren()
  for (const url of urls) URL.revokeObjectURL(url)
  urls = []
}

function verdict({ question, a, ties, b, share, interval, withoutTies, p }: QuestionResult): HTMLElement {
  const { name, ask } = questions.find(({ id }) => id === question) ?? questions[0]
  const bar = make('div', 'bar-of-three', ...parts({ a, tie: ties, b }))
  bar.setAttribute('aria-hidden', 'true')
  const counts = make('p', 'counts', ...countWords(a, ties, b))
  const scale = make('div', 'scale', make('i', 'even'), make('i', 'range'), make('i', 'point'))
  scale.setAttribute('aria-hidden', 'true')
  scale.style.setProperty('--low', `${interval.low}`)
  scale.style.setProperty('--high', `${interval.high}`)
  scale.style.setProperty('--share', `${share}`)
  const figures = make(
    'dl',
    'figures',
    figure('Share of A', `${percent(share)} [${percent(interval.low)}, ${percent(interval.high)}]`),
    figure(
      'Without ties',
      a + b === 0 ? '–' : `${percent(a / (a + b))} [${percent(withoutTies.low)}, ${percent(withoutTies.high)}]`,
    ),
    figure('Sign test', `p ${probability(p)}`),
  )
  const article = make('article', 'verdict', make('h2', '', name), make('p', 'ask', ask), counts, bar, scale, figures)
  article.dataset.testid = `result-${question}`
  return article
}

function countWords(a: number, ties: number, b: number): HTMLElement[] {
  return [
    make('span', 'a', make('b', '', `${a}`), ' A'),
    make('span', '', make('b', '', `${ties}`), ' equal'),
    make('span', 'b', make('b', '', `${b}`), ' B'),
  ]
}

function parts(counts: Readonly<Record<Outcome, number>>): HTMLElement[] {
  return (['a', 'tie', 'b'] as const).map((outcome) => {
    const part = make('i', outcome)
    part.style.setProperty('--count', `${counts[outcome]}`)
    return part
  })
}

function figure(name: string, value: string): HTMLElement {
  return make('div', '', make('dt', '', name), make('dd', '', value))
}

function pairRow(pair: PairResult, sets: Sets | undefined): HTMLElement {
  const pictures = (sets ?? []).map(({ pictures }, i) => {
    const found = pictures.find((picture) => pairName(picture) === pairName(pair))
    return make('td', 'thumb', ...(found ? [thumbnail(found.bytes, `${'AB'[i]}: ${pair.prompt}`)] : []))
  })
  const answers = questions.map(({ id }) => {
    const outcome = pair.outcomes[id]
    const words = outcome ? { a: 'A', tie: 'equal', b: 'B' }[outcome] : '–'
    return make('td', `outcome ${outcome ?? ''}`, words)
  })
  const prompt = make('th', 'prompt-cell', pair.prompt || '(no prompt)')
  prompt.scope = 'row'
  return make('tr', '', ...pictures, prompt, make('td', 'seed', pair.seed), ...answers)
}

function thumbnail(bytes: Uint8Array<ArrayBuffer>, words: string): HTMLImageElement {
  const image = make('img')
  const url = URL.createObjectURL(new Blob([bytes]))
  urls.push(url)
  Object.assign(image, { src: url, alt: words, width: 56, height: 56 })
  return image
}

function percent(part: number): string {
  return `${Math.round(100 * part)}%`
}

/** As papers print it: = 0.035, < 0.001. */
function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`
}

import type { ScalePair } from '../../../bench/results'
import type { Reached } from '../../../bench/targets'
import { make } from '../shared/dom'
import type { Here } from './here'

/** Speed-ups as bars, the committed one above this machine's, each with its bound as a line. */
export function pairRows(committed: readonly ScalePair[], here?: Here['pairs']): HTMLElement {
  const all = committed.flatMap((pair) => [pair, here?.find(({ steps }) => steps === pair.steps) ?? pair])
  const longest = Math.max(...all.map(({ bound, speedUp }) => Math.max(bound, speedUp.median)))
  const row = (words: string, { speedUp, bound }: Here['pairs'][number], kind: string): HTMLElement => {
    const bar = make('i', `length ${kind}`)
    bar.style.setProperty('--length', `${speedUp.median / longest}`)
    bar.style.setProperty('--bound', `${bound / longest}`)
    const numbers = `${speedUp.median.toFixed(2)} of ${bound.toFixed(2)}`
    const line = make('tr', '', make('th', '', words), make('td', 'wide', bar), make('td', 'number', numbers))
    line.title = `Quartiles ${speedUp.low.toFixed(2)} and ${speedUp.high.toFixed(2)}`
    return line
  }
  const rows = committed.flatMap((pair) => {
    const own = here?.find(({ steps }) => steps === pair.steps)
    return [row(`${pair.steps} steps`, pair, 'committed'), ...(own ? [row('here', own, 'here')] : [])]
  })
  return make('table', 'bars', make('tbody', '', ...rows))
}

export function targetRows(reached: readonly Reached[]): HTMLElement {
  const head = ['Figure', 'Target', 'Reached', ''].map((words) => make('th', '', words))
  const rows = reached.map(({ figure, platform, target, reached: value, met, part }) => {
    const bar = make('i', `length ${met ? 'met' : 'missed'}`)
    bar.style.setProperty('--length', `${part}`)
    const cells = [
      make('td', '', figure, ...(platform === 'any' ? [] : [make('small', '', platform)])),
      make('td', 'number', target),
      make('td', 'number', make('b', '', value)),
      make('td', 'outcome', bar, met ? 'met' : 'missed'),
    ]
    return make('tr', '', ...cells)
  })
  return make('table', 'targets', make('thead', '', make('tr', '', ...head)), make('tbody', '', ...rows))
}

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { causeOf, performanceDocument } from './document'
import { generated, readCauses, readResults } from './files'
import type { Results } from './results'
import { reachedTargets } from './targets'

const committed = readResults()

describe('the committed figures', () => {
  it.each(generated(committed))('make $path as it is committed (else: npm run bench -- --write)', ({ path, text }) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('name a cause for every target that is missed', () => {
    const causes = readCauses()
    const unexplained = reachedTargets(committed).filter((row) => !row.met && !causeOf(causes, row))
    expect(unexplained.map(({ id, platform }) => `${id} on ${platform}`)).toEqual([])
  })
})

describe('reachedTargets', () => {
  const taken = { measured: '2026-01-01', rounds: 1, model: 'm' }
  const engine = {
    ...taken,
    total: 100,
    outside: { median: 0.02, low: 0, high: 1 },
    decoder: { median: 0.3, low: 0, high: 1 },
    ...{ readbacks: 2, dispatchesBetween: 1, toGpu: 0, toCpu: 0 },
  }
  const place = { machine: 'one', runtime: 'some', engine }
  const at = (results: Omit<Results, 'format'>) =>
    reachedTargets({ format: 1, ...results }).map(({ id, reached, met }) => [id, reached, met])

  it('judges both directions; what there is no GPU for is not judged', () => {
    expect(at({ platforms: { WASM: place } })).toEqual([
      ['outside', '2%', true],
      ['decoder', '30%', false],
    ])
  })

  it('judges the counts of a software adapter and not its times', () => {
    const adapter = { name: 'soft', software: true }
    expect(at({ platforms: { GPU: { ...place, adapter } } })).toEqual([
      ['readbacks', '2', false],
      ['dispatches', '1', true],
    ])
  })

  it('judges the library in bytes', () => {
    expect(at({ platforms: {}, library: { bytes: 21_000, measured: '' } })).toEqual([['library', '21.0 kB', true]])
    expect(at({ platforms: {}, library: { bytes: 21_001, measured: '' } })[0]?.[2]).toBe(false)
  })

  it('tells a miss and its cause in the document', () => {
    const results: Results = { format: 1, platforms: { WASM: place } }
    expect(performanceDocument(results, {})).toContain('No cause is known yet.')
    expect(performanceDocument(results, { decoder: { WASM: 'It is large.' } })).toContain('(WASM). It is large.')
  })
})

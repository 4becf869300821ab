import { describe, expect, it } from 'vitest'
import { formatSet, parseJson, parseSet, parseStudy, type Study, setFileName } from './format'

const hash = (digit: string) => digit.repeat(64)
const vote = { prompt: 'a cat', seed: '1', question: 'defects', sideOfA: 'left', answer: 'equal', ms: 900 } as const
const study: Study = {
  format: 1,
  seed: '18446744073709551615',
  sets: { a: { name: 'one', sha256: hash('a') }, b: { name: 'two', sha256: hash('b') } },
  pairs: 2,
  votes: [vote],
  skipped: [{ prompt: 'a dog', seed: '2' }],
}
const set = { format: 1, name: 'one', pictures: [{ prompt: 'a cat', seed: '1', file: '001.png' }] }

/** A copy with one field replaced, named by its path; undefined leaves it out. */
function changed(value: unknown, path: string, to: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>
  const fields = path.split('.')
  const last = fields.pop() as string
  const parent = fields.reduce((at, field) => at[field] as Record<string, unknown>, copy)
  if (to === undefined) delete parent[last]
  else parent[last] = to
  return copy
}

describe('set.json', () => {
  it('is read as it is written', () => {
    const pictures = [{ prompt: '', seed: '0', file: setFileName(0), sha256: hash('0') }]
    const written = formatSet({ format: 1, name: 'one', pictures })
    expect(parseSet(parseJson(written, 'set.json'))).toEqual({ format: 1, name: 'one', pictures })
    expect(parseSet(set)).toEqual(set)
  })

  it.each([
    ['format', 2, 'set.json, format: expected 1'],
    ['name', '', 'name: expected some text'],
    ['pictures', [], 'pictures: expected at least one picture'],
    ['pictures.0.seed', 1, 'pictures.0.seed: expected string'],
    ['pictures.0.seed', '01', 'pictures.0.seed: expected a whole number'],
    ['pictures.0.seed', '18446744073709551616', 'pictures.0.seed: expected a whole number'],
    ['pictures.0.file', '../set.json', "pictures.0.file: expected a path in the set's folder"],
    ['pictures.0.file', 'a/../../b.png', "pictures.0.file: expected a path in the set's folder"],
    ['pictures.0.file', 'https://elsewhere/a.png', "pictures.0.file: expected a path in the set's folder"],
    ['pictures.0.sha256', 'abc', 'pictures.0.sha256: expected 64'],
    ['pictures.0.prompt', undefined, 'pictures.0.prompt: expected'],
    ['pictures.1', set.pictures[0], 'pictures.1: repeats the prompt and the seed of entry 0'],
  ])('%s as %j is refused', (path, to, words) => {
    expect(() => parseSet(changed(set, path, to))).toThrow(words)
  })
})

describe('exported votes', () => {
  it('are read as they are written', () => {
    expect(parseStudy(parseJson(JSON.stringify(study), 'it'))).toEqual(study)
  })

  it.each([
    ['format', 3, 'The file of votes, format: expected 1'],
    ['seed', '-1', 'seed: expected a whole number'],
    ['sets.b.sha256', undefined, 'sets.b.sha256: expected'],
    ['pairs', 0, 'pairs: expected a number of at least 1'],
    ['pairs', 1, 'pairs: 1, but 2 pairs are judged'],
    ['votes.0.question', 'beauty', 'votes.0.question: expected'],
    ['votes.0.answer', 'a', 'votes.0.answer: expected'],
    ['votes.0.sideOfA', 'equal', 'votes.0.sideOfA: expected'],
    ['votes.0.ms', -1, 'votes.0.ms: expected'],
    ['votes.1', vote, 'votes.1: repeats the prompt, the seed and the question of entry 0'],
    ['skipped.0.seed', 2, 'skipped.0.seed: expected'],
  ])('%s as %j is refused', (path, to, words) => {
    expect(() => parseStudy(changed(study, path, to))).toThrow(words)
  })

  it('must be JSON of an object', () => {
    expect(() => parseJson('<html>', 'The file of votes')).toThrow('The file of votes is not JSON')
    expect(() => parseStudy(null)).toThrow('the top level')
  })
})

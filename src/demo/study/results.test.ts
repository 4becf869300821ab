import { describe, expect, it } from 'vitest'
import type { PairKey, Study, Vote } from './format'
import { type Answer, type QuestionId, questionIds, type Side } from './questions'
import { answersTo, donePairs, merged, studyId, withoutPair, withSkip, withVote } from './record'
import { outcomeOf, pairResults, questionResults } from './results'

const cat = { prompt: 'a cat', seed: '1' }
const dog = { prompt: 'a dog', seed: '2' }
const empty: Study = {
  format: 1,
  seed: '5',
  sets: { a: { name: 'one', sha256: 'a'.repeat(64) }, b: { name: 'two', sha256: 'b'.repeat(64) } },
  pairs: 3,
  votes: [],
  skipped: [],
}

function vote(pair: PairKey, question: QuestionId, answer: Answer, sideOfA: Side = 'left'): Vote {
  return { ...pair, question, answer, sideOfA, ms: 1 }
}

function judged(study: Study, pair: PairKey, answers: readonly Answer[], sideOfA: Side = 'left'): Study {
  return answers.reduce((each, answer, i) => {
    return withVote(each, vote(pair, questionIds[i] as QuestionId, answer, sideOfA))
  }, study)
}

describe('the record of votes', () => {
  it('has one vote a pair and question: the last', () => {
    const study = withVote(withVote(empty, vote(cat, 'defects', 'left')), vote(cat, 'defects', 'right'))
    expect(study.votes).toEqual([vote(cat, 'defects', 'right')])
    expect(answersTo(study, cat)).toEqual(new Map([['defects', 'right']]))
    expect(answersTo(study, dog).size).toBe(0)
  })

  it('counts a pair as done with its fourth answer, or when it is skipped', () => {
    const three = judged(empty, cat, ['left', 'left', 'equal'])
    expect(donePairs(three).size).toBe(0)
    expect(donePairs(judged(three, cat, ['left', 'left', 'equal', 'right'])).size).toBe(1)
    expect(donePairs(withSkip(three, dog)).size).toBe(1)
  })

  it('skips without answers, and takes both back', () => {
    const skipped = withSkip(judged(empty, cat, ['left', 'left']), cat)
    expect(skipped.votes).toEqual([])
    expect(withoutPair(skipped, cat)).toEqual(empty)
    expect(withoutPair(judged(empty, cat, ['left']), cat)).toEqual(empty)
    expect(withVote(skipped, vote(cat, 'defects', 'left')).skipped).toEqual([])
  })

  it('merges a file into what is there, which stays', () => {
    const stored = judged(empty, cat, ['left'])
    const imported = withSkip(judged(empty, cat, ['right', 'right']), dog)
    const both = merged(stored, imported)
    expect(both.votes).toEqual([vote(cat, 'relevance', 'left'), vote(cat, 'aesthetics', 'right')])
    expect(both.skipped).toEqual([dog])
    expect(merged(both, imported)).toEqual(both)
    expect(merged(withSkip(empty, cat), imported).votes).toEqual([])
    expect(merged(judged(empty, dog, ['left']), imported).skipped).toEqual([])
  })

  it('is told apart by its sets and its seed', () => {
    const swapped = { ...empty, sets: { a: empty.sets.b, b: empty.sets.a } }
    const ids = [empty, swapped, { ...empty, seed: '6' }].map(studyId)
    expect(new Set(ids).size).toBe(3)
  })
})

describe('results', () => {
  it('speaks of sets, wherever they stood', () => {
    expect(outcomeOf({ answer: 'left', sideOfA: 'left' })).toBe('a')
    expect(outcomeOf({ answer: 'left', sideOfA: 'right' })).toBe('b')
    expect(outcomeOf({ answer: 'right', sideOfA: 'right' })).toBe('a')
    expect(outcomeOf({ answer: 'equal', sideOfA: 'right' })).toBe('tie')
  })

  it('counts by question: two wins of A, a tie and a win of B by hand', () => {
    let study = withVote(empty, vote(cat, 'relevance', 'left', 'left'))
    study = withVote(study, vote({ prompt: 'a cat', seed: '9' }, 'relevance', 'right', 'right'))
    study = withVote(study, vote(dog, 'relevance', 'equal'))
    study = withVote(study, vote({ prompt: 'a fox', seed: '3' }, 'relevance', 'right', 'left'))
    const [relevance, ...others] = questionResults(study)
    expect(others).toEqual([])
    expect(relevance).toMatchObject({ question: 'relevance', a: 2, ties: 1, b: 1, share: 0.625, p: 1 })
    // Three prompts, of which one has two pairs: all of them a win at best, none at worst.
    expect(relevance?.interval).toEqual({ low: 0, high: 1 })
  })

  it('does not depend on the order of the votes', () => {
    const pairs = Array.from({ length: 12 }, (_, i) => ({ prompt: `thing ${i}`, seed: '1' }))
    const answers = pairs.map((_, i) => (['left', 'equal', 'right', 'left'] as const)[i % 4] as Answer)
    const votes = pairs.map((pair, i) => vote(pair, 'defects', answers[i] as Answer))
    const one = questionResults({ ...empty, pairs: 12, votes })
    expect(questionResults({ ...empty, pairs: 12, votes: votes.toReversed() })).toEqual(one)
  })

  it('sorts pairs by how much their questions disagree', () => {
    let study = judged(empty, cat, ['left', 'left', 'left', 'left'])
    study = judged(study, dog, ['left', 'right', 'left', 'right'])
    study = judged(study, { prompt: 'a fox', seed: '3' }, ['left', 'equal', 'left', 'left'])
    const results = pairResults(study)
    expect(results.map(({ prompt }) => prompt)).toEqual(['a dog', 'a fox', 'a cat'])
    // Of 1, −1, 1, −1; of 1, 0, 1, 1; of four equal ones.
    expect(results.map(({ disagreement }) => disagreement)).toEqual([1, Math.sqrt(3) / 4, 0])
    expect(results[0]?.outcomes).toEqual({ relevance: 'a', aesthetics: 'b', complexity: 'a', defects: 'b' })
  })
})

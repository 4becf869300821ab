import { canonicalSeed, type PairKey, pairName, type Study, type Vote } from './format'
import { type QuestionId, questionIds } from './questions'
import {
  bootstrapInterval,
  type Cluster,
  type Interval,
  preferenceShare,
  signTest,
  type Tally,
  wilsonInterval,
} from './statistics'

/** For A, for B, or neither. */
export type Outcome = 'a' | 'tie' | 'b'

export interface QuestionResult extends Tally {
  readonly question: QuestionId
  /** Preference share of A, ties half, with its bootstrap interval. */
  readonly share: number
  readonly interval: Interval
  /** Wins of A among the pairs without a tie. */
  readonly withoutTies: Interval
  readonly p: number
}

export interface PairResult extends PairKey {
  readonly outcomes: Readonly<Partial<Record<QuestionId, Outcome>>>
  /** Standard deviation of the answers, with 1 for A, 0 for a tie and −1 for B: 0 where all questions agree, at most 1. */
  readonly disagreement: number
}

export function outcomeOf({ answer, sideOfA }: Pick<Vote, 'answer' | 'sideOfA'>): Outcome {
  if (answer === 'equal') return 'tie'
  return answer === sideOfA ? 'a' : 'b'
}

/** One a question that has answers. */
export function questionResults(study: Study): QuestionResult[] {
  const seed = canonicalSeed(study.seed) ?? 0n
  return questionIds.flatMap((question) => {
    const votes = study.votes.filter((vote) => vote.question === question)
    if (votes.length === 0) return []
    const tally = { a: 0, tie: 0, b: 0 }
    const clusters = new Map<string, Cluster>()
    for (const vote of votes) {
      const outcome = outcomeOf(vote)
      tally[outcome]++
      const { sum, count } = clusters.get(vote.prompt) ?? { sum: 0, count: 0 }
      const score = { a: 1, tie: 0.5, b: 0 }[outcome]
      clusters.set(vote.prompt, { sum: sum + score, count: count + 1 })
    }
    const { a, tie: ties, b } = tally
    // By prompt, not by the order of votes: the same answers give the same interval.
    const sorted = [...clusters].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, cluster]) => cluster)
    return {
      question,
      ...{ a, ties, b },
      share: preferenceShare({ a, ties, b }),
      interval: bootstrapInterval(sorted, seed),
      withoutTies: wilsonInterval(a, b),
      p: signTest(a, b),
    }
  })
}

/** One a pair that has answers, those whose questions disagree most first; then by prompt and seed. */
export function pairResults(study: Study): PairResult[] {
  const pairs = new Map<string, PairKey & { outcomes: Partial<Record<QuestionId, Outcome>> }>()
  for (const vote of study.votes) {
    const { prompt, seed } = vote
    const pair = pairs.get(pairName(vote)) ?? { prompt, seed, outcomes: {} }
    pair.outcomes[vote.question] = outcomeOf(vote)
    pairs.set(pairName(vote), pair)
  }
  return [...pairs.values()]
    .map((pair) => ({ ...pair, disagreement: deviation(Object.values(pair.outcomes)) }))
    .sort(
      (one, other) =>
        other.disagreement - one.disagreement ||
        one.prompt.localeCompare(other.prompt, 'en') ||
        one.seed.length - other.seed.length ||
        (one.seed < other.seed ? -1 : 1),
    )
}

function deviation(outcomes: readonly Outcome[]): number {
  const values = outcomes.map((outcome) => ({ a: 1, tie: 0, b: -1 })[outcome])
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

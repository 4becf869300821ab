/** What changes a study's votes. Each takes a study and returns another, so that it can run inside a transaction. */

import { type PairKey, pairName, type Study, type Vote } from './format'
import { type Answer, type QuestionId, questionIds } from './questions'

/** Studies with other sets or another seed have other votes. */
export function studyId({ sets, seed }: Pick<Study, 'sets' | 'seed'>): string {
  return `${sets.a.sha256}/${sets.b.sha256}/${seed}`
}

/** Replaces the answer to the same question on the same pair. A vote takes back a skip. */
export function withVote(study: Study, vote: Vote): Study {
  const same = (other: Vote): boolean => other.question === vote.question && pairName(other) === pairName(vote)
  const at = study.votes.findIndex(same)
  const votes = at < 0 ? [...study.votes, vote] : study.votes.with(at, vote)
  return { ...study, votes, skipped: study.skipped.filter((pair) => pairName(pair) !== pairName(vote)) }
}

export function withSkip(study: Study, { prompt, seed }: PairKey): Study {
  const without = withoutPair(study, { prompt, seed })
  return { ...without, skipped: [...without.skipped, { prompt, seed }] }
}

/** Takes back the answers to a pair, or that it was skipped. */
export function withoutPair(study: Study, pair: PairKey): Study {
  const others = (other: PairKey): boolean => pairName(other) !== pairName(pair)
  return { ...study, votes: study.votes.filter(others), skipped: study.skipped.filter(others) }
}

/** Adds what an imported file of the same study has more. An answer that is already there stays. */
export function merged(stored: Study, imported: Study): Study {
  const known = new Set([...stored.votes.map(voteName), ...stored.skipped.map(pairName)])
  const votes = imported.votes.filter((vote) => !known.has(voteName(vote)) && !known.has(pairName(vote)))
  const judged = new Set([...stored.votes, ...stored.skipped].map(pairName))
  const skipped = imported.skipped.filter((pair) => !judged.has(pairName(pair)))
  return { ...stored, votes: [...stored.votes, ...votes], skipped: [...stored.skipped, ...skipped] }
}

export function answersTo(study: Study, pair: PairKey): ReadonlyMap<QuestionId, Answer> {
  const own = study.votes.filter((vote) => pairName(vote) === pairName(pair))
  return new Map(own.map(({ question, answer }) => [question, answer]))
}

/** The names of the pairs that need nothing more: every question answered, or skipped. */
export function donePairs(study: Study): Set<string> {
  const counts = new Map<string, number>()
  const done = new Set(study.skipped.map(pairName))
  for (const vote of study.votes) {
    const name = pairName(vote)
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    if (count === questionIds.length) done.add(name)
  }
  return done
}

function voteName(vote: Vote): string {
  return `${vote.question} ${pairName(vote)}`
}

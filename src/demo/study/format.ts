/** The two files of a study: set.json beside the pictures of a set, and the exported votes. */

import * as v from 'valibot'
import { answers, questionIds } from './questions'

const Name = v.pipe(v.string(), v.nonEmpty('some text'))
const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'))
const Seed = v.pipe(
  v.string(),
  v.check((text) => canonicalSeed(text) !== undefined, 'a whole number from 0 to 2^64 − 1, as text'),
)
const Count = v.pipe(v.number(), v.safeInteger('a whole number'), v.minValue(1, 'a number of at least 1'))

const SetSchema = v.object({
  format: v.literal(1),
  name: Name,
  pictures: v.pipe(
    v.array(
      v.object({
        prompt: v.string(),
        seed: Seed,
        file: v.pipe(
          v.string(),
          v.regex(/^[\w-][\w. -]*(\/[\w-][\w. -]*)*$/, "a path in the set's folder, without '..'"),
        ),
        /** Of the file. Where it is given, the file is checked, and the hash of set.json stands for the pictures too. */
        sha256: v.optional(Sha256),
      }),
    ),
    v.minLength(1, 'at least one picture'),
  ),
})

const PairSchema = v.object({ prompt: v.string(), seed: Seed })
const SetName = v.object({ name: Name, sha256: Sha256 })

const StudySchema = v.object({
  format: v.literal(1),
  /** Decides the order of the pairs and the sides, as `arrange` does. */
  seed: Seed,
  /** `sha256` is that of set.json. */
  sets: v.object({ a: SetName, b: SetName }),
  /** Pairs to judge. */
  pairs: Count,
  /** In the order in which they were given. */
  votes: v.array(
    v.object({
      prompt: v.string(),
      seed: Seed,
      question: v.picklist(questionIds),
      /** Where the picture of set A stood. */
      sideOfA: v.picklist(['left', 'right']),
      answer: v.picklist(answers),
      /** From when the pair was shown to this answer. */
      ms: v.pipe(v.number(), v.finite('a finite number'), v.minValue(0, 'a number of at least 0')),
    }),
  ),
  /** Pairs without an answer, on purpose. */
  skipped: v.array(PairSchema),
})

export type SetFile = v.InferOutput<typeof SetSchema>
export type Study = v.InferOutput<typeof StudySchema>
export type Vote = Study['votes'][number]
/** What names a pair: both pictures have this prompt and this seed. */
export type PairKey = v.InferOutput<typeof PairSchema>

/** @throws Error naming the wrong field of set.json. */
export function parseSet(value: unknown): SetFile {
  const set = parse(SetSchema, value, 'set.json')
  unique(set.pictures.map(pairName), 'set.json, pictures', 'the prompt and the seed')
  return set
}

/** @throws Error naming the wrong field of the file. */
export function parseStudy(value: unknown): Study {
  const study = parse(StudySchema, value, 'The file of votes')
  unique(
    study.votes.map((vote) => `${vote.question} ${pairName(vote)}`),
    'The file of votes, votes',
    'the prompt, the seed and the question',
  )
  unique(study.skipped.map(pairName), 'The file of votes, skipped', 'the prompt and the seed')
  const judged = new Set([...study.votes, ...study.skipped].map(pairName)).size
  if (judged > study.pairs) throw invalid('The file of votes, pairs', `${study.pairs}, but ${judged} pairs are judged`)
  return study
}

/** Of the picture at this place of a set: 001.png, 002.png, … */
export function setFileName(index: number): string {
  return `${String(index + 1).padStart(3, '0')}.png`
}

export function formatSet(set: SetFile): string {
  return `${JSON.stringify(set, null, 2)}\n`
}

/** A text for each pair and no other. */
export function pairName({ prompt, seed }: PairKey): string {
  return `${seed} ${prompt}`
}

/** A seed in its one spelling, in [0, 2^64); undefined for any other text. */
export function canonicalSeed(text: string): bigint | undefined {
  if (!/^(0|[1-9]\d{0,19})$/.test(text)) return undefined
  const seed = BigInt(text)
  return seed < 2n ** 64n ? seed : undefined
}

/** @throws Error if the text is not JSON. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${name} is not JSON.`, { cause })
  }
}

function parse<S extends v.GenericSchema>(schema: S, value: unknown, name: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue, ...others] = result.issues
  const expected = issue.kind === 'validation' ? issue.message : issue.expected
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  const field = v.getDotPath(issue) ?? 'the top level'
  throw invalid(`${name}, ${field}`, `expected ${expected}, found ${issue.received}${more}`)
}

function unique(names: readonly string[], list: string, what: string): void {
  const seen = new Map<string, number>()
  for (const [i, name] of names.entries()) {
    const first = seen.get(name)
    if (first !== undefined) throw invalid(`${list}.${i}`, `repeats ${what} of entry ${first}`)
    seen.set(name, i)
  }
}

function invalid(field: string, problem: string): Error {
  return new Error(`${field}: ${problem}.`)
}

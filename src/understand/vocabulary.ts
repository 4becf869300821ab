import { EngineError, shown } from '../errors'

/** What a model learned: `vocabulary.json`, which training writes beside its manifest (training/data/words.py). */
export interface VocabularyData {
  /** Word → how often per 100,000 captions of training; rare ones have 0. */
  readonly words: Readonly<Record<string, number>>
  /** What it can draw, by a name of its own: names, the plainest first, and its emoji or ''. */
  readonly concepts: Readonly<Record<string, { readonly names: readonly string[]; readonly emoji: string }>>
  /** Codes of the languages for which there is a `vocabulary.<code>.json`. */
  readonly languages: readonly string[]
}

/** Names of concepts in one language: `vocabulary.<code>.json`, from CLDR. */
export interface LanguageData {
  readonly concepts: Readonly<Record<string, readonly string[]>>
}

/** `vocabulary.near.json`: words that people ask for, with the numbers of the nearest concepts. */
export interface NearData {
  readonly words: Readonly<Record<string, readonly number[]>>
}

const FORMAT = 1
/** CLDR has names in some 150. Each is a file, which an unknown word asks for. */
const MOST_LANGUAGES = 64

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new EngineError('InvalidManifest', `${what} is ${shown(value)}, not an object. Write the file again.`)
}

function texts(value: unknown, what: string): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw new EngineError('InvalidManifest', `${what} is not a list of words. Write the file again.`)
}

function entries(value: unknown, file: string, field: string): [string, unknown][] {
  const content = object(value, file)
  if (content.format !== FORMAT) {
    const remedy = 'Use the version of this library that the model came with.'
    throw new EngineError(
      'InvalidManifest',
      `${file} has the format ${shown(content.format)}, not ${FORMAT}. ${remedy}`,
    )
  }
  return Object.entries(object(content[field], `${field} of ${file}`))
}

/** @throws EngineError 'InvalidManifest'. Objects come without a prototype: 'constructor' is no word. */
export function parseVocabulary(value: unknown): VocabularyData {
  const file = 'vocabulary.json'
  const words = entries(value, file, 'words').filter((entry): entry is [string, number] => Number.isFinite(entry[1]))
  const concepts = entries(value, file, 'concepts').map(([slug, concept]) => {
    const { names, emoji } = object(concept, `${slug} in ${file}`)
    return [slug, { names: texts(names, `names of ${slug}`), emoji: typeof emoji === 'string' ? emoji : '' }] as const
  })
  const languages = texts(object(value, file).languages ?? [], `languages of ${file}`)
  if (languages.length > MOST_LANGUAGES || !languages.every((code) => /^[a-z]{2,3}$/.test(code))) {
    const remedy = `Name at most ${MOST_LANGUAGES}, by codes such as 'de'.`
    throw new EngineError('InvalidManifest', `languages of ${file} are no codes, or too many. ${remedy}`)
  }
  return { words: table(words), concepts: table(concepts), languages }
}

/** @throws EngineError 'InvalidManifest'. */
export function parseLanguage(value: unknown, file: string): LanguageData {
  const read = ([slug, names]: [string, unknown]) => [slug, texts(names, `${slug} in ${file}`)] as const
  return { concepts: table(entries(value, file, 'concepts').map(read)) }
}

/** @throws EngineError 'InvalidManifest'. */
export function parseNear(value: unknown): NearData {
  const near = entries(value, 'vocabulary.near.json', 'words')
  return { words: table(near.filter((entry): entry is [string, number[]] => Array.isArray(entry[1]))) }
}

function table<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}

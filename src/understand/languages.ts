import { foreignForm } from './text'
import type { LanguageData, VocabularyData } from './vocabulary'

/** Languages by the script that a word is written in; of Latin all the others that a vocabulary has. */
const SCRIPTS: readonly (readonly [script: RegExp, languages: readonly string[]])[] = [
  [/\p{Script=Arabic}/u, ['ar', 'ur', 'fa']],
  [/\p{Script=Devanagari}/u, ['hi', 'mr', 'ne']],
  [/\p{Script=Bengali}/u, ['bn']],
  [/\p{Script=Cyrillic}/u, ['ru', 'uk', 'bg']],
  [/\p{Script=Hangul}/u, ['ko']],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, ['ja']],
  [/\p{Script=Han}/u, ['zh', 'ja']],
]

/** Written without spaces: a run of letters is several words. */
export const UNSPACED = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}\p{Script=Thai}]/u

/**
 * Articles, "and" and "with", which mean nothing without the word that they stand at: they are not asked about where
 * another word of the prompt is of their language.
 */
const SMALL_WORDS: Readonly<Record<string, string>> = {
  de: 'ein eine einen einem einer der die das den und mit',
  es: 'un una unos unas el la los las y con de',
  fr: 'un une des le la les et avec de du l d',
  id: 'sebuah seekor dan dengan',
  it: 'un uno una il lo la gli le i e con di',
  pt: 'um uma uns umas o a os as e com de',
  ru: 'и с со в на',
  tr: 'bir ve ile',
  vi: 'một con cái và với',
}

/** Which of a vocabulary's languages a word may be of, those of the reader first. */
export function languagesOf(word: string, known: readonly string[], preferred: readonly string[]): string[] {
  const scripted = SCRIPTS.find(([script]) => script.test(word))?.[1]
  const latin = known.filter((code) => !SCRIPTS.some(([, codes]) => codes.includes(code)))
  const possible = (scripted ?? latin).filter((code) => known.includes(code))
  const first = preferred.map((tag) => tag.split('-')[0]?.toLowerCase())
  return [...possible].sort((one, other) => place(first, one) - place(first, other))
}

function place(order: readonly (string | undefined)[], code: string): number {
  const found = order.indexOf(code)
  return found < 0 ? order.length : found
}

export function isSmallWord(word: string, language: string): boolean {
  return (SMALL_WORDS[language] ?? '').split(' ').includes(word.toLowerCase())
}

/** English names by the words of one language. */
export interface Dictionary {
  /** What the word means, or undefined. Loosely: also plurals and cases that differ in their last letters. */
  find(word: string, loosely: boolean): string | undefined
  /** The longest word at the beginning of a run that is written without spaces, as its length in UTF-16 units. */
  longest(run: string): number
}

/** Where several things have a word in common it is the one with the plainest English name. */
export function createDictionary({ concepts }: LanguageData, vocabulary: VocabularyData): Dictionary {
  const found = new Map<string, { readonly name: string; readonly cost: number }>()
  let longestWord = 0
  for (const [slug, names] of Object.entries(concepts)) {
    const name = vocabulary.concepts[slug]?.names[0]
    if (name === undefined) continue
    for (const [rank, word] of names.entries()) {
      const form = foreignForm(word)
      // The Unicode name says what the thing is; keywords may only be about it.
      const cost = (rank === 0 ? 0 : 1) + name.split(' ').length / 10
      if ((found.get(form)?.cost ?? Number.POSITIVE_INFINITY) > cost) found.set(form, { name, cost })
      longestWord = Math.max(longestWord, form.length)
    }
  }

  function find(word: string, loosely: boolean): string | undefined {
    const form = foreignForm(word)
    const exact = found.get(form)
    if (exact || !loosely || UNSPACED.test(form)) return exact?.name
    for (const cut of [1, 2]) {
      const stem = form.slice(0, -cut)
      if (stem.length < 4) return undefined
      if (/^[a-z]+$/.test(form) && !LATIN_ENDING.test(form.slice(-cut))) continue
      for (const ending of ENDINGS) {
        const other = found.get(stem + ending)
        if (other) return other.name
      }
    }
    return undefined
  }

  return {
    find,
    longest(run) {
      for (let length = Math.min(run.length, longestWord); length > 0; length--) {
        if (found.has(foreignForm(run.slice(0, length)))) return length
      }
      return 0
    },
  }
}

/** What may be cut off a word of Latin letters: else Barack is an Italian coffin, bara. */
const LATIN_ENDING = /^(?:[aeinosuxy]|[aeo][mnrs]|[iu]s|h[ei]|i[ei])$/

/** Of the singular, where the last letters of a word are not found as they are: gatos, Katzen, mele, кошки. */
const ENDINGS = ['', 'e', 'a', 'o', 'а', 'я', 'ь', 'о']

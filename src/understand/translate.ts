import { type Dictionary, isSmallWord, languagesOf, UNSPACED } from './languages'
import type { LazyParts, PromptWord } from './prompt-words'
import { corrections } from './spelling'
import { formsOf, lookedUp } from './text'
import type { VocabularyData } from './vocabulary'

/** A name of at most so many words is looked up as one. */
const LONGEST_NAME = 4

/** A dictionary of which it is settled how loosely it is read. */
interface Lookup extends Pick<Dictionary, 'longest'> {
  find(text: string): string | undefined
}

/** Looks up what no English word was found for, first in the reader's languages; several words may be one name. */
export async function translate(
  words: readonly PromptWord[],
  vocabulary: VocabularyData,
  parts: LazyParts,
  preferred: readonly string[],
): Promise<readonly PromptWord[]> {
  const letters = words.filter(({ kind, text }) => kind === 'unknown' && /\p{L}/u.test(text))
  if (letters.length === 0) return words
  const english = (await parts.near())?.words ?? {}
  const isEnglish = (text: string): boolean => formsOf(lookedUp(text)).some((form) => form in english)
  const candidates = letters.filter(({ text }) => !isEnglish(text))
  const languages = new Set(candidates.flatMap(({ text }) => languagesOf(text, vocabulary.languages, preferred)))
  const dictionaries = new Map<string, Dictionary | undefined>()
  let best: readonly PromptWord[] = words
  for (const loosely of [false, true]) {
    for (const language of languages) {
      if (unknowns(best) === 0) return best
      if (!loosely) dictionaries.set(language, await parts.dictionary(language))
      const dictionary = dictionaries.get(language)
      if (!dictionary) continue
      // Of letters that English has, too: its own words come first, and what is nearly one of them is misspelt.
      const find = (text: string): string | undefined => {
        if (isEnglish(text)) return undefined
        if (loosely && corrections(lookedUp(text), vocabulary.words, 1, 1).length > 0) return undefined
        return dictionary.find(text, loosely)
      }
      const found = inLanguage(words, { longest: dictionary.longest, find }, language)
      if (unknowns(found) < unknowns(best)) best = found
    }
  }
  return best
}

function unknowns(words: readonly PromptWord[]): number {
  return words.reduce((sum, { kind, text }) => sum + (kind === 'unknown' ? text.length : 0), 0)
}

function inLanguage(words: readonly PromptWord[], dictionary: Lookup, language: string): readonly PromptWord[] {
  const out: PromptWord[] = []
  for (let at = 0; at < words.length; ) {
    const word = words[at] as PromptWord
    if (word.kind !== 'unknown') {
      out.push(word)
      at++
      continue
    }
    if (UNSPACED.test(word.text)) {
      out.push(...unspaced(word, dictionary, language))
      at++
      continue
    }
    const { name, count } = longestName(words.slice(at, at + LONGEST_NAME), dictionary, language)
    const last = words[at + count - 1] as PromptWord
    out.push(name ? { ...joined(word, last), kind: 'foreign', becomes: name, language } : word)
    at += count
  }
  if (!out.some(({ language: of }) => of === language)) return words
  return out.map((word) =>
    word.kind === 'unknown' && isSmallWord(word.text, language) ? { ...word, kind: 'small' } : word,
  )
}

function joined(first: PromptWord, last: PromptWord): Omit<PromptWord, 'kind'> {
  return { text: first.text, start: first.start, end: last.end, near: [] }
}

function longestName(
  words: readonly PromptWord[],
  dictionary: Lookup,
  language: string,
): { name: string | undefined; count: number } {
  for (let count = words.length; count > 0; count--) {
    const some = words.slice(0, count).map(({ text }) => text)
    // "un" is an article before it is the number on a keycap.
    const name = count === 1 && isSmallWord(some[0] ?? '', language) ? undefined : dictionary.find(some.join(' '))
    if (name) return { name, count }
  }
  return { name: undefined, count: 1 }
}

/** Cuts a run into words of the dictionary and what lies between them. */
function unspaced(word: PromptWord, dictionary: Lookup, language: string): PromptWord[] {
  const out: PromptWord[] = []
  let from = 0
  const leave = (to: number): void => {
    if (to > from) out.push({ ...cut(word, from, to), kind: 'unknown' })
  }
  for (let at = 0; at < word.text.length; ) {
    const length = dictionary.longest(word.text.slice(at))
    const becomes = length > 0 ? dictionary.find(word.text.slice(at, at + length)) : undefined
    if (!becomes) {
      at++
      continue
    }
    leave(at)
    out.push({ ...cut(word, at, at + length), kind: 'foreign', becomes, language })
    at += length
    from = at
  }
  leave(word.text.length)
  return out.every(({ kind }) => kind === 'unknown') ? [word] : out
}

function cut({ text, start }: PromptWord, from: number, to: number): Omit<PromptWord, 'kind'> {
  return { text: text.slice(from, to), start: start + from, end: start + to, near: [] }
}

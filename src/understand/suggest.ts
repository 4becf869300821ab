import { lookedUp } from './text'
import type { VocabularyData } from './vocabulary'

export interface Completion {
  /** What the word that is being typed becomes. */
  readonly text: string
  /** The whole prompt with it. */
  readonly prompt: string
}

const LEAST_LETTERS = 2

/** Names of things, and other words, that begin as the last word of the prompt does: short and common ones first. */
export function complete(
  prompt: string,
  names: readonly string[],
  vocabulary: VocabularyData,
  count: number,
): Completion[] {
  const typed = /[\p{L}\p{M}\p{N}]+(?: [\p{L}\p{M}\p{N}]+)?$/u.exec(prompt)?.[0] ?? ''
  const last = typed.split(' ').at(-1) ?? ''
  for (const part of typed === last ? [last] : [typed, last]) {
    const start = lookedUp(part)
    if (start.length < LEAST_LETTERS) continue
    const before = prompt.slice(0, prompt.length - part.length)
    const found = names.filter((name) => name.startsWith(start) && name !== start)
    if (found.length === 0) continue
    const cost = (name: string): number => name.length - (vocabulary.words[name.split(' ')[0] ?? ''] ?? 0) / 100
    return [...new Set(found)]
      .sort((one, other) => cost(one) - cost(other))
      .slice(0, count)
      .map((text) => ({ text, prompt: before + text }))
  }
  return []
}

const COLOURS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'brown', 'black', 'white', 'golden']
const WORN = ['sunglasses', 'top hat', 'baseball cap', 'crown']

/** A prompt that the model can draw, by chance. `random` gives numbers in [0, 1). */
export function surprise(names: readonly string[], vocabulary: VocabularyData, random: () => number): string {
  if (names.length === 0) return ''
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const plain = names.filter(
    (name) => /^[a-z]+( [a-z]+)?$/.test(name) && (vocabulary.words[name.split(' ')[0] ?? ''] ?? 0) > 5,
  )
  const known = (words: readonly string[]): string[] =>
    words.filter((word) => word.split(' ').every((each) => each in vocabulary.words))
  const thing = one(plain.length > 0 ? plain : names)
  const colours = known(COLOURS)
  const worn = known(WORN)
  const way = random()
  if (/ face$/.test(thing) && worn.length > 0 && way < 0.7) return `${article(thing)} wearing ${article(one(worn))}`
  if (way < 0.35 && colours.length > 0 && !thing.includes(' ')) return article(`${one(colours)} ${thing}`)
  if (way > 0.75) return `${article(thing)} next to ${article(one(plain.length > 0 ? plain : names))}`
  return article(thing)
}

function article(name: string): string {
  if (/(s|ss)$/.test(name) && !/ss$/.test(name)) return name
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}

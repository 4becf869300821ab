import type { LazyParts, PromptWord, Understanding } from './prompt-words'
import { corrections } from './spelling'
import { formsOf, lookedUp, plainEmoji, type Run, runsOf } from './text'
import { translate } from './translate'
import type { VocabularyData } from './vocabulary'

const NEAR = 3
/** English that no picture shows. What changes its meaning ("no", "without") is not among them. */
const SMALL = new Set(
  (
    'my your his her its our their this that these those some any is are was were be am being it he she they i we you me ' +
    'the a an very really so too just also please draw paint make show create picture image photo drawing illustration ' +
    'icon art pair made style kind sort type looking thing something at by for from into to of in on as like who which while then there s t with and or'
  ).split(' '),
)

/** Reads a prompt word by word. */
export async function readPrompt(
  prompt: string,
  vocabulary: VocabularyData,
  emoji: ReadonlyMap<string, string>,
  parts: LazyParts,
  preferred: readonly string[],
): Promise<Understanding> {
  const runs = runsOf(prompt)
  const words = runs.map((run) => (run.emoji ? emojiWord(run, emoji) : englishWord(run, vocabulary)))
  const translated = await translate(words, vocabulary, parts, preferred)
  const all = await Promise.all(
    translated.map(async (word) => ({
      ...word,
      text: prompt.slice(word.start, word.end),
      ...(word.kind === 'unknown' && { near: await near(word, vocabulary, parts) }),
    })),
  )
  return { prompt: rewritten(prompt, all), words: all, unknown: all.filter(({ kind }) => kind === 'unknown') }
}

function emojiWord({ text, start, end }: Run, emoji: ReadonlyMap<string, string>): PromptWord {
  const plain = plainEmoji(text)
  // A sequence that is not a thing of its own may begin with one: 🧑‍🚀 is a person, somehow.
  const becomes = emoji.get(plain) ?? emoji.get(plain.split('\u200D')[0] ?? '')
  return { text, start, end, kind: becomes ? 'emoji' : 'unknown', ...(becomes && { becomes }), near: [] }
}

function englishWord({ text, start, end }: Run, { words }: VocabularyData): PromptWord {
  const word = lookedUp(text)
  const place = { text, start, end, near: [] }
  const number = NUMBERS[word]
  if (number !== undefined && number in words) return { ...place, kind: 'known', becomes: number }
  if (formsOf(word).some((form) => form in words)) return { ...place, kind: 'known' }
  return { ...place, kind: SMALL.has(word) ? 'small' : 'unknown' }
}

const NUMBERS: Readonly<Record<string, string>> = { '1': 'a', '2': 'two', '3': 'three', '4': 'four' }

async function near({ text }: PromptWord, vocabulary: VocabularyData, parts: LazyParts): Promise<readonly string[]> {
  const word = lookedUp(text)
  const english = (await parts.near())?.words ?? {}
  const things = Object.values(vocabulary.concepts)
  const names = (form: string): string[] => (english[form] ?? []).flatMap((number) => things[number]?.names[0] ?? [])
  const form = formsOf(word).find((each) => each in english)
  // A word that exists is rarely a misspelling; any other may be one of those, too.
  if (form !== undefined) return names(form).slice(0, NEAR)
  const spelt = corrections(word, vocabulary.words, NEAR)
  return spelt.length > 0 ? spelt : corrections(word, english, 1, 1).flatMap(names)
}

const SEVERAL = new Set(['two', 'three', 'four'])

function rewritten(prompt: string, words: readonly PromptWord[]): string {
  let out = ''
  let from = 0
  for (const [index, { start, end, becomes, kind }] of words.entries()) {
    if (becomes === undefined) continue
    const several = kind !== 'known' && SEVERAL.has(words[index - 1]?.becomes ?? words[index - 1]?.text ?? '')
    const name = several && !becomes.endsWith('s') ? `${becomes}s` : becomes
    out += `${spaced(prompt.slice(from, start), from > 0)}${name}`
    from = end
  }
  return (from === 0 ? prompt : `${out}${spaced(prompt.slice(from), true)}`).replace(/ {2,}/g, ' ').trim()
}

/** 🐱🎩 are two words, which nothing separates. */
function spaced(between: string, follows: boolean): string {
  const before = follows && !/^[\s,.;:!?)]/.test(between) ? ' ' : ''
  return between === '' ? before : `${before}${between}${/[\s(]$/.test(between) ? '' : ' '}`
}

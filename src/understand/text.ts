/** Prompts as runs of letters, and words in the form in which they are looked up. */

/** A run of letters and digits, or one emoji, with its place in the prompt in UTF-16 units. */
export interface Run {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly emoji: boolean
}

const EMOJI = String.raw`\p{RGI_Emoji}|\p{Extended_Pictographic}\p{Emoji_Modifier}?\uFE0F?`
const PIECES = new RegExp(String.raw`(${EMOJI})|[\p{L}\p{M}\p{N}]+`, 'gv')

/** In order. Punctuation and spaces are left out. A digit alone is a word, its keycap an emoji. */
export function runsOf(prompt: string): Run[] {
  return [...prompt.matchAll(PIECES)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
    emoji: match[1] !== undefined,
  }))
}

/** As training's captions are counted (training/data/words.py): lower case. */
export function lookedUp(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('’', "'")
}

/** Forms of an English word that mean the same to a text encoder, the word itself first. */
export function formsOf(word: string): string[] {
  const forms = [word]
  const add = (pattern: RegExp, ...endings: string[]): void => {
    if (pattern.test(word)) for (const ending of endings) forms.push(word.replace(pattern, ending))
  }
  add(/(?<=..)ies$/, 'y')
  add(/(?<=..)es$/, '', 'e')
  add(/(?<=...)s$/, '')
  add(/(?<=..[^s])$/, 's')
  add(/(?<=...)ing$/, '', 'e', 'ed')
  add(/(?<=..)([bdglmnprt])\1ing$/, '$1')
  add(/(?<=...)ed$/, '', 'e', 'ing')
  add(/(?<=...)y$/, '')
  return forms
}

/** An emoji without its skin, hair and presentation: 👩🏽 and 👩 are one thing here. */
export function plainEmoji(text: string): string {
  return text.replace(/[\uFE0E\uFE0F\u{1F3FB}-\u{1F3FF}]/gu, '')
}

/**
 * Letters of other languages as they are compared: without the accents of Latin and the vowel marks of Arabic, and
 * hiragana as katakana, since CLDR has each word in one of the ways in which people write it.
 */
export function foreignForm(text: string): string {
  return lookedUp(text)
    .normalize('NFKD')
    .replace(/(?<=\p{Script=Latin})\p{M}+/gu, '')
    .replace(/[\u064B-\u065F\u0640]/g, '')
    .normalize('NFKC')
    .replace(/[\u3041-\u3096]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0x60))
}

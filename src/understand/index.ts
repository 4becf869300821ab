/**
 * `scalewise/understand`: which words of a prompt a model knows, before anything is drawn. An entry of its own, so that
 * apps which do not ask pay nothing; it needs no engine.
 *
 * @module scalewise/understand
 */

import { EngineError } from '../errors'
import { createDictionary } from './languages'
import { hasVocabulary, type LoadPart, partsBeside } from './load-vocabulary'
import type { LazyParts, Understanding } from './prompt-words'
import { type Completion, complete, surprise } from './suggest'
import { plainEmoji } from './text'
import { readPrompt } from './understand'
import { parseLanguage, parseNear, parseVocabulary } from './vocabulary'

export type { LoadPart } from './load-vocabulary'
export type { PromptWord, Understanding, WordKind } from './prompt-words'
export type { Completion } from './suggest'

export interface UnderstandOptions {
  /** Address of a manifest.json, or of the folder that holds it, as for `createEngine`. */
  readonly model: string | URL
  /** Languages of the reader, looked up first. Default: the browser's. */
  readonly languages?: readonly string[]
}

/** What a model learned to draw. */
export interface Vocabulary {
  /**
   * Reads a prompt. Lists of other languages and of near words are fetched when a prompt needs them; one that does not
   * come is done without, and asked for again the next time.
   *
   * @throws EngineError 'InvalidRequest' for what is no text, 'InvalidManifest' for a list that cannot be read.
   */
  understand(prompt: string): Promise<Understanding>
  /** How the last word of the prompt may go on, at most `count` ways. */
  complete(prompt: string, count?: number): readonly Completion[]
  /** A prompt that the model can draw, by chance. */
  surprise(random?: () => number): string
}

/**
 * What the model learned, from `vocabulary.json` beside its manifest; undefined for a model whose manifest names none
 * (`vocabulary: 'vocabulary.json'`).
 *
 * @throws EngineError 'DownloadFailed', 'InvalidManifest', 'InvalidRequest'.
 */
export async function loadVocabulary({ model, languages }: UnderstandOptions): Promise<Vocabulary | undefined> {
  const load = partsBeside(model)
  return (await hasVocabulary(model)) ? openVocabulary(load, languages) : undefined
}

/** The same from wherever `load` finds the files, such as a disk. */
export async function openVocabulary(load: LoadPart, languages?: readonly string[]): Promise<Vocabulary | undefined> {
  const content = await load('vocabulary.json')
  if (content === undefined) return undefined
  const vocabulary = parseVocabulary(content)
  const names = [...new Set(Object.values(vocabulary.concepts).flatMap((concept) => concept.names))]
  const emoji = new Map<string, string>()
  for (const { emoji: character, names: called } of Object.values(vocabulary.concepts)) {
    if (character && called[0] !== undefined) emoji.set(plainEmoji(character), called[0])
  }
  const loaded = new Map<string, Promise<unknown>>()
  /** Read once; what does not come is no reason to refuse the prompt, and is asked for again the next time. */
  function once<T>(file: string, read: (content: unknown) => T): Promise<T | undefined> {
    const known = loaded.get(file) as Promise<T | undefined> | undefined
    if (known) return known
    const loading = load(file).then(
      (found) => (found === undefined ? undefined : read(found)),
      () => void loaded.delete(file),
    )
    loaded.set(file, loading)
    return loading
  }
  const parts: LazyParts = {
    dictionary(language) {
      const file = `vocabulary.${language}.json`
      return once(file, (found) => createDictionary(parseLanguage(found, file), vocabulary))
    },
    near: () => once('vocabulary.near.json', parseNear),
  }
  return {
    async understand(prompt) {
      if (typeof prompt !== 'string') throw new EngineError('InvalidRequest', 'A prompt is a text. Give a string.')
      return readPrompt(prompt, vocabulary, emoji, parts, languages ?? globalThis.navigator?.languages ?? [])
    },
    complete: (prompt, count = 6) => complete(prompt, names, vocabulary, count),
    surprise: (random = Math.random) => surprise(names, vocabulary, random),
  }
}

const opened = new Map<string, Promise<Vocabulary | undefined>>()

/**
 * Reads one prompt for a model: `loadVocabulary` and `understand` in one call. The vocabulary is kept for the next.
 *
 * @returns undefined for a model that has no vocabulary.
 * @throws EngineError as both of them do.
 */
export async function understand(prompt: string, options: UnderstandOptions): Promise<Understanding | undefined> {
  const key = `${options.model} ${options.languages}`
  const opening = opened.get(key) ?? loadVocabulary(options)
  opened.set(key, opening)
  opening.catch(() => opened.delete(key))
  return (await opening)?.understand(prompt)
}

import type { Dictionary } from './languages'
import type { NearData } from './vocabulary'

/**
 * `known`: training's captions have the word. `small`: it means little to a picture, as "my" does. `emoji` and `foreign`
 * have an English name in `becomes`. `unknown`: the model never met it and draws something else.
 */
export type WordKind = 'known' | 'small' | 'emoji' | 'foreign' | 'unknown'

export interface PromptWord {
  readonly text: string
  /** Where it stands in the prompt, in UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly kind: WordKind
  /** What to draw in its place. */
  readonly becomes?: string
  /** Of a foreign word, as a BCP 47 code. */
  readonly language?: string
  /** Of an unknown word: what the model can draw instead, the nearest first. */
  readonly near: readonly string[]
}

export interface Understanding {
  /** The prompt to draw: emoji and words of other languages are replaced by their English names. */
  readonly prompt: string
  readonly words: readonly PromptWord[]
  /** Those that the model never met. */
  readonly unknown: readonly PromptWord[]
}

/** What is looked up only for prompts that need it. */
export interface LazyParts {
  dictionary(language: string): Promise<Dictionary | undefined>
  near(): Promise<NearData | undefined>
}

import { Tokenizer } from '@huggingface/tokenizers'
import { loadPart } from '../load-part'

/** A prompt as the text encoder reads it. */
export interface Tokens {
  /** The prompt's own, with padding at the end up to the next multiple of `PADDED_TO`; `maxTokens` at most. */
  readonly ids: readonly number[]
  /** 1 for a token, 0 for padding. */
  readonly mask: readonly number[]
  /** Tokens of the whole prompt, the special ones included: more than `maxTokens` if it was cut. */
  readonly count: number
  readonly truncated: boolean
}

/**
 * Models compute on padding as on words, so there is as little of it as pays. Lengths that vectors of four divide share
 * their shaders; ONNX Runtime's WebGPU compiles others for lengths that only two or one divides, seconds the first time.
 */
const PADDED_TO = 4

export interface PromptTokenizer {
  tokenize(prompt: string): Tokens
}

/** How a text encoder wants its prompts; of the manifest's `tokenizer`. */
export interface TokenizerOptions {
  readonly maxTokens: number
  /** Id that fills every prompt up to `maxTokens`, for encoders that were trained to read padding. */
  readonly pad?: number | undefined
  /** Text that ends on '{prompt}'. */
  readonly template?: string | undefined
}

/**
 * A tokenizer from the two files every Hugging Face model carries (tokenizer.json, tokenizer_config.json).
 * Cutting keeps the special tokens and the first words, as Python's `truncation=True` does.
 */
export function createTokenizer(
  tokenizerJson: unknown,
  config: unknown,
  { maxTokens, pad, template = '{prompt}' }: TokenizerOptions,
): PromptTokenizer {
  const tokenizer = new Tokenizer(tokenizerJson as object, config as object)
  const padding = pad ?? paddingId(tokenizer, config)
  return {
    tokenize(prompt) {
      // Split, not replaced: '$&' in a prompt is only text.
      const text = template.split('{prompt}').join(prompt)
      const whole = tokenizer.encode(text).ids
      const ids = whole.length > maxTokens ? cut(tokenizer, text, whole, maxTokens) : whole
      const padded = pad === undefined ? Math.ceil(ids.length / PADDED_TO) * PADDED_TO : maxTokens
      const length = Math.min(maxTokens, padded)
      const empty = length - ids.length
      return {
        ids: [...ids, ...Array<number>(empty).fill(padding)],
        mask: [...ids.map(() => 1), ...Array<number>(empty).fill(0)],
        count: whole.length,
        truncated: whole.length > maxTokens,
      }
    },
  }
}

/**
 * The same from the bytes of the two files, whose patterns are looked at first: one of a stranger's could run for ever.
 *
 * @throws EngineError 'ModelFailed'
 */
export async function readTokenizer(
  tokenizerJson: Uint8Array,
  config: Uint8Array,
  options: TokenizerOptions & { readonly file: string },
): Promise<PromptTokenizer> {
  const problems = () => loadPart('tokenizer-problems', import('./tokenizer-problems'))
  try {
    const [words, settings] = [tokenizerJson, config].map((bytes) => new TextDecoder().decode(bytes)) as [
      string,
      string,
    ]
    const parsed: unknown = JSON.parse(words)
    if (words.includes('"Regex"')) (await problems()).checkPatterns(parsed)
    const made = createTokenizer(parsed, JSON.parse(settings), options)
    if (made.tokenize('').count < options.maxTokens) return made
    throw (await problems()).noRoom(options)
  } catch (cause) {
    throw (await problems()).tokenizerProblem(options.file, cause)
  }
}

/** Drops words from the end of the prompt, so that special tokens before and after it stay where they are. */
function cut(tokenizer: Tokenizer, prompt: string, whole: readonly number[], maxTokens: number): number[] {
  const words = tokenizer.encode(prompt, { add_special_tokens: false }).ids
  const special = whole.length - words.length
  let before = 0
  while (before < special && !words.every((id, i) => whole[before + i] === id)) before++
  return [...whole.slice(0, before + maxTokens - special), ...whole.slice(before + words.length)]
}

function paddingId(tokenizer: Tokenizer, config: unknown): number {
  const named = (config as { pad_token?: unknown } | null)?.pad_token
  const token = typeof named === 'object' ? (named as { content?: unknown } | null)?.content : named
  return (typeof token === 'string' ? tokenizer.token_to_id(token) : undefined) ?? 0
}

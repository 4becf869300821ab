/** What tokenizer files may not hold, and what is said of files that cannot be used; loaded where there is need. */
import { EngineError } from '../errors'

/** The longest that real tokenizers have, of GPT-4o's kind, are below 500. */
const MAX_PATTERN = 2_000

/** @throws EngineError 'ModelFailed' for a pattern that could take exponential time on some prompt. */
export function checkPatterns(tokenizerJson: unknown): void {
  const waiting: unknown[] = [tokenizerJson]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    const pattern = (value as { Regex?: unknown }).Regex
    if (typeof pattern === 'string' && (pattern.length > MAX_PATTERN || repeatsRepetition(pattern))) {
      const shown = pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern
      throw new EngineError(
        'ModelFailed',
        `The model's tokenizer has the pattern ${shown}, which could run for ever: a repeated group that holds a repetition or ` +
          'a choice. Use another model, or write the pattern without it.',
      )
    }
    for (const each of Object.values(value)) waiting.push(each)
  }
}

/**
 * Whether a group that may repeat without end holds itself a repetition or a choice: only such patterns can take
 * exponential time. The tokenizers of the GPT, Llama, Qwen, CLIP and T5 families have none: nothing finer is needed.
 */
export function repeatsRepetition(pattern: string): boolean {
  /** Of each open group whether something inside it repeats or can be chosen; at the bottom the whole pattern. */
  const groups = [false]
  let last = false
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at] as string
    const ambiguous = last
    last = false
    if (sign === '\\') at++
    else if (sign === '[') at = endOfClass(pattern, at)
    else if (sign === '(') {
      groups.push(false)
      const kind = /^\((\?(?:[:=!]|<[=!]|<\w+>|[a-z-]*:))?/.exec(pattern.slice(at, at + 60))
      at += (kind?.[1] ?? '').length
    } else if (sign === ')') {
      last = groups.pop() ?? false
      if (last && groups.length > 0) groups[groups.length - 1] = true
    } else if (sign === '|') groups[groups.length - 1] = true
    else if (/[*+?{]/.test(sign)) {
      const counted = /^\{(\d*)(,?)(\d*)\}/.exec(pattern.slice(at, at + 30))
      if (sign === '{' && !counted) continue
      const endless = sign === '*' || sign === '+' || (counted?.[2] === ',' && counted[3] === '')
      const many = endless || Number(counted?.[3] || counted?.[1] || 0) > 10
      if (many && ambiguous) return true
      groups[groups.length - 1] = true
      at += (counted?.[0].length ?? 1) - 1
      // Lazy and possessive forms.
      if (/[?+]/.test(pattern[at + 1] ?? '')) at++
    }
  }
  return false
}

function endOfClass(pattern: string, start: number): number {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === ']' && at > start + 1) return at
  }
  return pattern.length
}

export function noRoom({ maxTokens }: { readonly maxTokens: number }): EngineError {
  return new EngineError(
    'ModelFailed',
    `maxTokens is ${maxTokens}, and the tokens around a prompt are as many: no word has room. Correct the manifest.`,
  )
}

export function tokenizerProblem(file: string, cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause
  const what = cause instanceof SyntaxError ? 'is not JSON' : 'could not be used'
  return new EngineError('ModelFailed', `The model's ${file} ${what} (${String(cause)}). Export the model again.`, {
    cause,
  })
}

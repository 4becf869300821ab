import type { OrtTextEncoder } from '../runtime/text-encoder'
import type { PromptTokenizer } from '../text/tokenizer'
import type { Conditioning, PromptEncoder } from '../types'

/** A text encoder with the tokenizer that it was trained with. */
export interface TextEncoderPart {
  readonly tokenizer: PromptTokenizer
  readonly encoder: Pick<OrtTextEncoder, 'encode'>
}

/** Reads a prompt with every text encoder of a model, one after the other; each fills conditioning of its own names. */
export function createPromptEncoder(parts: readonly TextEncoderPart[]): PromptEncoder {
  return {
    async encode(prompt): Promise<Conditioning> {
      const tensors: Record<string, Conditioning['tensors'][string]> = {}
      const warnings: string[] = []
      let tokens = 0
      for (const [i, { tokenizer, encoder }] of parts.entries()) {
        const { ids, mask, count, truncated } = tokenizer.tokenize(prompt)
        const reader = parts.length === 1 ? 'the model' : `the model's text encoder ${i + 1}`
        if (truncated) {
          warnings.push(
            `The prompt has ${count} tokens and ${reader} reads ${ids.length}: its end was left out. Shorten it.`,
          )
        }
        Object.assign(tensors, await encoder.encode(ids, mask))
        tokens += ids.length
      }
      return { tensors, tokens, warnings }
    },
  }
}

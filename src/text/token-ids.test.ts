import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import golden from './golden/token-ids.json'
import { createTokenizer } from './tokenizer'

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../models/tiny-sd35/${name}`, import.meta.url), 'utf8'))
}

/** Prompts that the library reads otherwise than Python does; each is checked to be still so. */
const KNOWN: Record<string, readonly string[]> = {
  // The joiner inside an emoji (U+200D): @huggingface/tokenizers 0.2.0 makes it a space, Python keeps it.
  'tokenizer-3.json': ['👩‍🚀 in space'],
}

/** CLIP's BPE twice, and T5's unigram: `python -m training.convert.token_ids` writes what Python says. */
describe.each(Object.entries(golden.ids))('%s', (file, expected) => {
  const tokenizer = createTokenizer(json(file), json(file.replace('.json', '.config.json')), { maxTokens: 4096 })
  const different = golden.prompts.filter((prompt, i) => {
    const { ids, count } = tokenizer.tokenize(prompt)
    return JSON.stringify(ids.slice(0, count)) !== JSON.stringify(expected[i])
  })

  it(`reads ${golden.prompts.length} ordinary prompts as Python does`, () => {
    expect(different).toEqual(KNOWN[file] ?? [])
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createTokenizer, readTokenizer } from './tokenizer'

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../models/tiny/${name}`, import.meta.url), 'utf8'))
}

const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), { maxTokens: 24 })

/** From Python: `tokenizers.Tokenizer.from_file('models/tiny/tokenizer.json')`, no padding, `.encode(prompt).ids`. */
const known: [prompt: string, ids: number[]][] = [
  ['', [2, 3]],
  ['a red apple', [2, 43, 534, 3008, 3]],
  ['A fox wearing a PARTY hat!', [2, 43, 2056, 1899, 43, 400, 2930, 5, 3]],
  ['Crème brûlée, naïve café', [2, 6179, 8611, 3857, 2562, 2045, 16, 6916, 3708, 3]],
  ['苹果 and 🍎', [2, 1, 1, 115, 1, 3]],
  [
    'unbelievably  tokenization\n\tprompt',
    [2, 2322, 2254, 1618, 180, 1550, 7180, 217, 117, 1500, 1501, 1897, 1513, 1820, 4220, 219, 3],
  ],
  ["don't stop [SEP] me", [2, 240, 11, 62, 761, 3, 150, 3]],
  ['x'.repeat(120), [2, 1, 3]],
]

describe('createTokenizer', () => {
  it.each(known)('reads %j as Python does', (prompt, ids) => {
    const tokens = tokenizer.tokenize(prompt)
    const padding = { 2: 2, 3: 1, 5: 3, 6: 2, 8: 0, 9: 3, 10: 2, 17: 3 }[ids.length] as number
    expect(tokens.ids).toEqual([...ids, ...Array(padding).fill(0)])
    expect(tokens.mask).toEqual([...ids.map(() => 1), ...Array(padding).fill(0)])
    expect(tokens).toMatchObject({ count: ids.length, truncated: false })
  })

  it("pads no further than to the model's last token", () => {
    const odd = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), { maxTokens: 6 })
    expect(odd.tokenize('a red apple').ids).toEqual([2, 43, 534, 3008, 3, 0])
  })

  it('cuts the end of a long prompt and keeps the special tokens', () => {
    const short = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), { maxTokens: 8 })
    // Python, after `enable_truncation(8)`.
    expect(short.tokenize('one two three four five six seven eight nine ten')).toEqual({
      ids: [2, 145, 165, 210, 293, 391, 533, 3],
      mask: Array(8).fill(1),
      count: 12,
      truncated: true,
    })
    expect(short.tokenize('one two three four five six')).toMatchObject({ count: 8, truncated: false })
    // A special token typed by hand does not confuse it.
    expect(short.tokenize('[SEP] one two three four five six').ids).toEqual([2, 3, 145, 165, 210, 293, 391, 3])
  })

  it('refuses a limit that leaves no room for a word', async () => {
    const [words, config] = ['tokenizer.json', 'tokenizer_config.json'].map((name) =>
      new TextEncoder().encode(JSON.stringify(json(name))),
    ) as [Uint8Array, Uint8Array]
    const read = (maxTokens: number, template?: string) =>
      readTokenizer(words, config, { maxTokens, template, file: 'tokenizer.json' })
    await expect(read(2)).rejects.toThrowError(/maxTokens is 2, .* no word has room/)
    await expect(read(4, 'a red {prompt}')).rejects.toThrowError(/maxTokens is 4, .* no word has room/)
    expect((await read(3)).tokenize('apple pie').ids).toHaveLength(3)
  })

  it('fills every prompt up with the id that a model was trained to read', () => {
    const filled = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), { maxTokens: 12, pad: 7 })
    expect(filled.tokenize('a red apple')).toEqual({
      ids: [2, 43, 534, 3008, 3, ...Array(7).fill(7)],
      mask: [1, 1, 1, 1, 1, ...Array(7).fill(0)],
      count: 5,
      truncated: false,
    })
  })

  it('puts the prompt as it is at the end of a template, which cutting leaves whole', () => {
    const options = { maxTokens: 6, template: 'a red {prompt}' }
    const instructed = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), options)
    expect(instructed.tokenize('apple').ids).toEqual([2, 43, 534, 3008, 3, 0])
    expect(instructed.tokenize('one two three four')).toMatchObject({ ids: [2, 43, 534, 145, 165, 3], count: 8 })
    expect(instructed.tokenize('$&').ids).toEqual(tokenizer.tokenize('a red $&').ids.slice(0, 6))
  })

  it.each(['tiny', 'emoji'])('reads the prompt of the parity test as PyTorch does for models/%s', (name) => {
    const path = new URL(`../model/golden/parity-${name}.json`, import.meta.url)
    const golden = JSON.parse(readFileSync(path, 'utf8')) as { prompt: string; ids: number[]; mask: number[] }
    const { ids, mask } = tokenizer.tokenize(golden.prompt)
    expect(ids).toEqual(golden.ids.slice(0, 12))
    expect(mask).toEqual(golden.mask.slice(0, 12))
    expect(golden.ids.slice(12)).toEqual(Array(12).fill(0))
  })
})

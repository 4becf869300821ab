import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createTokenizer } from './tokenizer'

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../models/tiny/${name}`, import.meta.url), 'utf8'))
}

const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), 24)

/** From Python: `tokenizers.Tokenizer.from_file('models/tiny/tokenizer.json')`, no padding, `.encode(prompt).ids`. */
const known: [prompt: string, ids: number[]][] = [
  ['', [101, 102]],
  ['a red apple', [101, 1037, 2417, 6207, 102]],
  ['A fox wearing a PARTY hat!', [101, 1037, 4419, 4147, 1037, 2283, 6045, 999, 102]],
  ['Crème brûlée, naïve café', [101, 13675, 21382, 7987, 9307, 2063, 1010, 15743, 7668, 102]],
  ['苹果 and 🍎', [101, 100, 100, 1998, 100, 102]],
  [
    'unbelievably  tokenization-heavy\n\tprompt',
    [101, 4895, 8671, 2666, 3567, 6321, 19204, 3989, 1011, 3082, 25732, 102],
  ],
  ["don't stop [SEP] me", [101, 2123, 1005, 1056, 2644, 102, 2033, 102]],
  ['x'.repeat(120), [101, 100, 102]],
]

describe('createTokenizer', () => {
  it.each(known)('reads %j as Python does', (prompt, ids) => {
    const tokens = tokenizer.tokenize(prompt)
    const padding = { 2: 2, 3: 1, 5: 3, 6: 2, 8: 0, 9: 3, 10: 2, 11: 1, 12: 0 }[ids.length] as number
    expect(tokens.ids).toEqual([...ids, ...Array(padding).fill(0)])
    expect(tokens.mask).toEqual([...ids.map(() => 1), ...Array(padding).fill(0)])
    expect(tokens).toMatchObject({ count: ids.length, truncated: false })
  })

  it("pads no further than to the model's last token", () => {
    const odd = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), 6)
    expect(odd.tokenize('a red apple').ids).toEqual([101, 1037, 2417, 6207, 102, 0])
  })

  it('cuts the end of a long prompt and keeps the special tokens', () => {
    const short = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'), 8)
    // Python, after `enable_truncation(8)`.
    expect(short.tokenize('one two three four five six seven eight nine ten')).toEqual({
      ids: [101, 2028, 2048, 2093, 2176, 2274, 2416, 102],
      mask: Array(8).fill(1),
      count: 12,
      truncated: true,
    })
    expect(short.tokenize('one two three four five six')).toMatchObject({ count: 8, truncated: false })
    // A special token typed by hand does not confuse it.
    expect(short.tokenize('[SEP] one two three four five six').ids).toEqual([
      101, 102, 2028, 2048, 2093, 2176, 2274, 102,
    ])
  })

  it('refuses files that are no tokenizer', () => {
    expect(() => createTokenizer({}, {}, 24)).toThrowError(expect.objectContaining({ name: 'ModelFailed' }))
  })
})

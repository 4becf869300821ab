import { describe, expect, it } from 'vitest'
import { readTokenizer } from './tokenizer'
import { checkPatterns, repeatsRepetition } from './tokenizer-problems'

describe('patterns of a tokenizer', () => {
  it.each([
    '(a|a?)+$',
    '(a+)+$',
    '(?:a|b)*c',
    '([a-z]+)*$',
    '((a+)b){2,}',
    '(?i:x|y)+?',
    '(\\w*\\d){20}',
    '(?<name>a?)+',
    '[(]x(a{1,5})+',
  ])('%s is refused', (pattern) => {
    expect(repeatsRepetition(pattern)).toBe(true)
  })

  it.each([
    // CLIP, GPT-2, Llama 3, GPT-4o, DeepSeek, T5's white space.
    "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}",
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n]?[\\p{L}\\p{M}]+',
    ' {2,}',
    '(ab)+',
    '\\(a+\\)+',
    '[(a+)+]',
  ])('%s is allowed', (pattern) => {
    expect(repeatsRepetition(pattern)).toBe(false)
  })

  it('are found wherever they stand, and long ones are refused without being shown whole', () => {
    const split = (Regex: string) => ({ pre_tokenizer: { pretokenizers: [{ type: 'Split', pattern: { Regex } }] } })
    expect(() => checkPatterns(split('(a|a?)+$'))).toThrow(/the pattern \(a\|a\?\)\+\$, which could run for ever/)
    expect(() => checkPatterns(split('[a-z]+'))).not.toThrow()
    const message = (work: () => void): string => {
      try {
        work()
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    const long = message(() => checkPatterns(split('a'.repeat(3000))))
    expect(long).toContain('aaa…')
    expect(long.length).toBeLessThan(300)
  })

  it('are looked at before the files are used', async () => {
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
    const options = { file: 'tokenizer.json', maxTokens: 8 }
    const hostile = { normalizer: { type: 'Replace', pattern: { Regex: '(a|a?)+$' }, content: '' } }
    await expect(readTokenizer(bytes(hostile), bytes({}), options)).rejects.toMatchObject({
      name: 'ModelFailed',
      message: expect.stringContaining('could run for ever'),
    })
    await expect(readTokenizer(new TextEncoder().encode('<html>'), bytes({}), options)).rejects.toMatchObject({
      name: 'ModelFailed',
      message: expect.stringContaining('tokenizer.json is not JSON'),
    })
    await expect(readTokenizer(bytes({}), bytes({}), options)).rejects.toMatchObject({ name: 'ModelFailed' })
  })
})

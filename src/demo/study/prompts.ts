import type { PairKey } from './format'

/** One prompt a line; blank lines and lines that begin with # are left out. @throws Error for a repeated prompt. */
export function parsePrompts(text: string): string[] {
  const prompts = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const twice = prompts.find((prompt, i) => prompts.indexOf(prompt) !== i)
  if (twice !== undefined) throw new Error(`The prompt "${twice}" stands there twice. Leave one out.`)
  if (prompts.length === 0) throw new Error('There are no prompts. Write one a line.')
  return prompts
}

/** Seeds count up from the first, so that no two pictures of a set start from the same noise. @throws Error past 2^64. */
export function withSeeds(prompts: readonly string[], first: bigint): PairKey[] {
  if (first + BigInt(prompts.length) > 2n ** 64n)
    throw new Error(`Seed ${first} leaves no room to count up. Give a smaller one.`)
  return prompts.map((prompt, i) => ({ prompt, seed: String(first + BigInt(i)) }))
}

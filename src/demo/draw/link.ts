/** What makes a picture, as the part of the address after `#`: whoever opens the address draws the same one. */
export interface Recipe {
  readonly prompt: string
  readonly style: string
  readonly seed: bigint
  readonly schedule: string
  readonly count: number
}

const seedLimit = 2n ** 64n
const mostPictures = 4

export function formatLink(recipe: Recipe): string {
  const fields = new URLSearchParams({ prompt: recipe.prompt, seed: String(recipe.seed) })
  if (recipe.style) fields.set('style', recipe.style)
  if (recipe.schedule) fields.set('schedule', recipe.schedule)
  if (recipe.count > 1) fields.set('count', String(recipe.count))
  return `#${fields}`
}

/** Reads what it can; a field that is missing or makes no sense is left out. */
export function parseLink(hash: string): Partial<Recipe> {
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const prompt = fields.get('prompt')
  const style = fields.get('style')
  const schedule = fields.get('schedule')
  const seed = parseSeed(fields.get('seed') ?? '')
  const count = Number(fields.get('count') ?? 'none')
  return {
    ...(prompt !== null && { prompt }),
    ...(style !== null && { style }),
    ...(schedule !== null && { schedule }),
    ...(seed !== undefined && { seed }),
    ...(Number.isInteger(count) && count >= 1 && count <= mostPictures && { count }),
  }
}

/** A whole number in [0, 2^64), or undefined. */
export function parseSeed(text: string): bigint | undefined {
  if (!/^\d{1,20}$/.test(text.trim())) return undefined
  const seed = BigInt(text.trim())
  return seed < seedLimit ? seed : undefined
}

/** Short enough to read aloud: 32 bits, not 64. */
export function shortRandomSeed(): bigint {
  return BigInt(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
}

import type { KeptEntry } from './gallery-store'

/** What a kept picture is called wherever there are several. */
export function entryName({ recipe }: Pick<KeptEntry, 'recipe'>): string {
  return `${recipe.prompt || 'Without words'}, seed ${recipe.seed}`
}

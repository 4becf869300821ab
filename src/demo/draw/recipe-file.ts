import { parseLink, type Recipe } from './link'

/** The PNG chunk's keyword. */
const keyword = 'scalewise'

/** What a saved picture tells of itself. */
export interface FileRecipe {
  readonly recipe: Partial<Recipe>
  /** Name and version of the model that drew it; undefined where the file does not say. */
  readonly model: string | undefined
  /** It began from a picture, which the file does not hold: the words alone draw another one. */
  readonly started: boolean
}

/** How a file calls a model. */
export function modelName({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`
}

/** The PNG with what draws its picture again in it, as readable JSON. */
export async function withRecipe(
  png: Blob,
  { recipe, model, started }: Pick<FileRecipe, 'model' | 'started'> & { readonly recipe: Recipe },
): Promise<Blob> {
  const { prompt, seed, style, schedule } = recipe
  const fields = { prompt, seed: String(seed), style, schedule, ...(model && { model }), ...(started && { started }) }
  const { withText } = await import('../away/png-text')
  return withText(png, keyword, JSON.stringify(fields))
}

/** What the picture in this file was drawn with; undefined where the file does not say. */
export async function recipeOf(file: Blob): Promise<FileRecipe | undefined> {
  const { textOf } = await import('../away/png-text')
  const text = await textOf(file, keyword)
  return text === undefined ? undefined : parseFileRecipe(text)
}

/** Reads what it can: the file comes from anywhere. Undefined without a prompt or a seed, which is no recipe. */
export function parseFileRecipe(text: string): FileRecipe | undefined {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof fields !== 'object' || fields === null) return undefined
  const { model, started, ...rest } = fields as Record<string, unknown>
  // By way of a link: it has the rules for what each field may be.
  const words = Object.entries(rest).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const recipe = parseLink(`#${new URLSearchParams(words)}`)
  if (recipe.prompt === undefined || recipe.seed === undefined) return undefined
  return { recipe, model: typeof model === 'string' ? model.slice(0, 80) : undefined, started: started === true }
}

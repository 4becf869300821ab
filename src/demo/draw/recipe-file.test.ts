import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { parseFileRecipe, recipeOf, withRecipe } from './recipe-file'

const recipe = { prompt: 'a “red” apple 🍎', seed: 2n ** 63n + 1n, style: 'pixel-art', schedule: 'quick', count: 1 }
const png = () => new Blob([new Uint8Array(PNG.sync.write(new PNG({ width: 2, height: 2 })))])

describe('the recipe in a picture’s file', () => {
  it('comes back whole', async () => {
    const file = await withRecipe(png(), { recipe, model: 'Emoji 0.8.0', started: true })
    const { count: _, ...rest } = recipe
    expect(await recipeOf(file)).toEqual({ recipe: rest, model: 'Emoji 0.8.0', started: true })
    expect(await recipeOf(png())).toBeUndefined()
  })

  it('is read as far as it makes sense, and is none without a prompt or a seed', () => {
    const parsed = parseFileRecipe('{"prompt":"a cat","seed":"7","style":3,"count":"99","model":[],"started":"yes"}')
    expect(parsed).toEqual({ recipe: { prompt: 'a cat', seed: 7n }, model: undefined, started: false })
    for (const text of ['', '[]', 'null', '{"prompt":"a cat"}', '{"prompt":"a cat","seed":"-1"}', '{"seed":"7"}']) {
      expect(parseFileRecipe(text), text).toBeUndefined()
    }
  })
})

import { expect, it } from 'vitest'
import golden from './golden/pictures-emoji.json'
import { drawGoldenPictures } from './testing/pictures'

// New weights change them on purpose: npx tsx scripts/golden-pictures.ts
it('draws the pictures of models/emoji byte for byte as before', async () => {
  expect(await drawGoldenPictures()).toEqual(golden)
})

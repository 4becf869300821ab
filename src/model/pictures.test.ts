import { expect, it } from 'vitest'
import golden from './golden/pictures-emoji.json'
import goldenInt8 from './golden/pictures-emoji-int8.json'
import { drawGoldenPictures } from './testing/pictures'

// New weights change them on purpose: npx tsx scripts/golden-pictures.ts
it('draws the pictures of models/emoji byte for byte as before', async () => {
  expect(await drawGoldenPictures(true)).toEqual(golden)
})

it('draws the same pictures of its 8-bit graph as before', async () => {
  expect(await drawGoldenPictures(false)).toEqual(goldenInt8)
})

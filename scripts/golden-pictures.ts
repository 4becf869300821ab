/** Rewrites the hashes that src/model/pictures.test.ts compares with: after new weights, or another arithmetic on purpose. */
import { writeFileSync } from 'node:fs'
import { drawGoldenPictures } from '../src/model/testing/pictures'

for (const [name, float32] of [
  ['emoji', true],
  ['emoji-int8', false],
] as const) {
  const path = new URL(`../src/model/golden/pictures-${name}.json`, import.meta.url)
  writeFileSync(path, `${JSON.stringify(await drawGoldenPictures(float32), null, 1)}\n`)
}

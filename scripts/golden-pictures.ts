/** Rewrites the hashes that src/model/pictures.test.ts compares with: after new weights, or another arithmetic on purpose. */
import { writeFileSync } from 'node:fs'
import { drawGoldenPictures } from '../src/model/testing/pictures'

const path = new URL('../src/model/golden/pictures-emoji.json', import.meta.url)
writeFileSync(path, `${JSON.stringify(await drawGoldenPictures(), null, 1)}\n`)

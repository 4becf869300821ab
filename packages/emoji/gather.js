/** Before `npm pack`: the model's files and its licences, which have one place each in the repository. */
import { cpSync, readFileSync, rmSync } from 'node:fs'

const here = (path) => new URL(path, import.meta.url)
const versionIn = (path) => JSON.parse(readFileSync(here(path), 'utf8')).version

if (versionIn('package.json') !== versionIn('../../models/emoji/manifest.json')) {
  throw new Error('packages/emoji/package.json has another version than models/emoji/manifest.json. Make them equal.')
}
rmSync(here('model'), { recursive: true, force: true })
cpSync(here('../../models/emoji'), here('model'), { recursive: true })
for (const file of ['LICENSE', 'ATTRIBUTIONS.md']) cpSync(here(`../../${file}`), here(file))

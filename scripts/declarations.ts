/**
 * Last step of `npm run build:lib`: `tsc` leaves relative imports in declarations without an extension, which
 * TypeScript under `nodenext` does not find in an ES module package. Adds them, then imports the package as Node does:
 * its entry may touch nothing that only browsers have.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const folder = 'dist-lib'
const relativeImport = /((?:from|import)\s*\(?\s*')(\.{1,2}\/[^']+)(?=')/g

for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue
  const path = join(folder, name)
  const text = readFileSync(path, 'utf8')
  const extended = text.replace(relativeImport, (_, start: string, target: string) => {
    const file = join(dirname(path), `${target}.d.ts`)
    if (!existsSync(file)) throw new Error(`${path} imports ${target}, which is not in ${folder}.`)
    return `${start}${target}.js`
  })
  writeFileSync(path, extended)
}

const entry = 'scalewise'
const { createEngine } = (await import(entry)) as { createEngine?: unknown }
if (typeof createEngine !== 'function') throw new Error(`${folder}/index.js does not export createEngine.`)
const { ScalewiseImage } = (await import(`${entry}/element`)) as { ScalewiseImage?: unknown }
if (typeof ScalewiseImage !== 'function') throw new Error(`${folder}/element.js does not export ScalewiseImage.`)
const { useImage } = (await import(`${entry}/react`)) as { useImage?: unknown }
if (typeof useImage !== 'function') throw new Error(`${folder}/react.js does not export useImage.`)
const { loadVocabulary } = (await import(`${entry}/understand`)) as { loadVocabulary?: unknown }
if (typeof loadVocabulary !== 'function') throw new Error(`${folder}/understand/index.js does not export it.`)

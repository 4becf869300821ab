// Renders emoji and icon packages into one binary of premultiplied RGBA pictures and an index that names them.
//   node render.mjs --size 256 --out ../../.data
//   node render.mjs --size 256 --styles fluent-3d,fluent,fluent-flat,noto,twemoji       what emoji 0.7.0 was made from
// Writes art-<size>.bin (uint8, [count, size, size, 4]) and art-<size>.json (one entry per picture, the sets' licences,
// the binary's sha256).
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import sharp from 'sharp'
import { finderOf, licenceOf, PICKED, readJson, STYLES, slug } from './sets.mjs'

const require = createRequire(import.meta.url)
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '128' },
    styles: { type: 'string', default: Object.keys(STYLES).join(',') },
    out: { type: 'string', default: join(import.meta.dirname, '../../.data') },
  },
})
const size = Number(values.size)
const styles = values.styles.split(',')
for (const style of styles) {
  if (!(style in STYLES)) throw new Error(`unknown style ${style}; known: ${Object.keys(STYLES).join(', ')}`)
}
const sets = Object.fromEntries(styles.map((style) => [style, licenceOf(STYLES[style])]))

const COUNTRY_FLAG = 98
const SKIN_TONE = 32
const emoji = readJson('emojibase-data/en/data.json').filter(
  (entry) => entry.group !== undefined && entry.subgroup !== COUNTRY_FLAG && entry.subgroup !== SKIN_TONE,
)
/** Things that no emoji shows, named in picked.json. */
const others = [...new Set(styles.flatMap((style) => Object.values(PICKED[style] ?? {})))]
  .filter((name) => name.startsWith('+'))
  .map((name) => ({ label: name.slice(1) }))
const concepts = [...emoji, ...others]

const premultiply = (pixels) => {
  for (let i = 0; i < pixels.length; i += 4) {
    const a = pixels[i + 3]
    for (let c = 0; c < 3; c++) pixels[i + c] = Math.round((pixels[i + c] * a) / 255)
  }
  return pixels
}

const throughSharp = async (source) =>
  premultiply(
    await sharp(source)
      .resize(size, size, { kernel: 'lanczos3', fit: 'contain', background: '#0000' })
      .ensureAlpha()
      .raw()
      .toBuffer(),
  )

async function rasterise(source) {
  if (Buffer.isBuffer(source)) return throughSharp(source)
  try {
    const image = new Resvg(source, { fitTo: { mode: 'width', value: size } }).render()
    const pixels = Buffer.from(image.pixels) // tiny-skia's own pixels are premultiplied already
    image.free()
    if (pixels.length === size * size * 4) return pixels
  } catch {
    // resvg panics on about ten drawings; sharp (librsvg) draws them.
  }
  return throughSharp(Buffer.from(source))
}

await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')))
const words = readJson('emojilib/dist/emoji-en-US.json')
const unicodeNames = readJson('unicode-emoji-json/data-by-emoji.json')
const spaced = (word) => word.replaceAll('_', ' ')
const namesOf = (concept) =>
  [
    ...new Set([concept.label, unicodeNames[concept.emoji]?.name, words[concept.emoji]?.[0]].filter(Boolean).map(spaced)),
  ]

mkdirSync(values.out, { recursive: true })
const binPath = join(values.out, `art-${size}.bin`)
const bin = openSync(`${binPath}.partial`, 'w')
const hash = createHash('sha256')
const images = []
for (const style of styles) {
  const find = finderOf(style, size)
  const start = performance.now()
  let count = 0
  for (const concept of concepts) {
    const source = find(concept, namesOf(concept))
    if (source === undefined) continue
    const pixels = await rasterise(source)
    writeSync(bin, pixels)
    hash.update(pixels)
    images.push({ style, concept: slug(concept.label) })
    count++
  }
  console.log(`${style}: ${count} pictures, ${((performance.now() - start) / 1000).toFixed(1)} s`)
}
closeSync(bin)

const drawn = new Set(images.map((image) => image.concept))
const meta = readJson('emojibase-data/meta/groups.json')
const index = {
  size,
  styles,
  sets,
  sha256: hash.digest('hex'),
  images,
  concepts: Object.fromEntries(
    concepts
      .filter((concept) => drawn.has(slug(concept.label)))
      .map((concept) => [
        slug(concept.label),
        {
          name: concept.label,
          group: concept.emoji ? meta.groups[concept.group] : 'objects',
          subgroup: concept.emoji ? meta.subgroups[concept.subgroup] : 'other-object',
          names: namesOf(concept),
          keywords: [...new Set([...(concept.tags ?? []), ...(words[concept.emoji] ?? []).slice(1)])].map(spaced),
          emoji: concept.emoji ?? '',
        },
      ]),
  ),
}
// An index is only ever beside the pictures that it names.
const indexPath = join(values.out, `art-${size}.json`)
rmSync(indexPath, { force: true })
renameSync(`${binPath}.partial`, binPath)
writeFileSync(indexPath, JSON.stringify(index))
console.log(`${images.length} pictures of ${drawn.size} concepts → ${binPath}`)

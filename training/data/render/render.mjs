// Renders emoji packages into one binary of premultiplied RGBA pictures and an index that names them.
//   node render.mjs --size 128 --styles fluent-3d,fluent,fluent-flat,noto --out ../../.data
// Writes art-<size>.bin (uint8, [count, size, size, 4]) and art-<size>.json (one entry a picture).
import { mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import sharp from 'sharp'

const require = createRequire(import.meta.url)
const readJson = (path) => JSON.parse(readFileSync(require.resolve(path), 'utf8'))

/** Style → the package that draws it. Order is the style's index in the pack. */
const STYLES = {
  'fluent-3d': '@lobehub/fluent-emoji-3d',
  fluent: '@iconify-json/fluent-emoji',
  'fluent-flat': '@iconify-json/fluent-emoji-flat',
  noto: '@iconify-json/noto',
  'noto-v1': '@iconify-json/noto-v1',
  twemoji: '@iconify-json/twemoji',
  emojione: '@iconify-json/emojione',
  fxemoji: '@iconify-json/fxemoji',
  streamline: '@iconify-json/streamline-emojis',
}

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

const slug = (label) =>
  label
    .toLowerCase()
    .replace(/[’'.“”]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

const COUNTRY_FLAG = 98
const SKIN_TONE = 32
const concepts = readJson('emojibase-data/en/data.json').filter(
  (entry) => entry.group !== undefined && entry.subgroup !== COUNTRY_FLAG && entry.subgroup !== SKIN_TONE,
)

/** Finds a concept's drawing in an iconify set by codepoints, else by the slug of its name. */
function iconifyFinder(pkg) {
  const icons = readJson(`${pkg}/icons.json`)
  const chars = readJson(`${pkg}/chars.json`)
  const byHex = new Map(Object.entries(chars).map(([hex, name]) => [hex.replaceAll('-fe0f', ''), name]))
  return (concept) => {
    const name = byHex.get(concept.hexcode.toLowerCase().replaceAll('-fe0f', '')) ?? slug(concept.label)
    const icon = icons.icons[name] ?? icons.icons[icons.aliases?.[name]?.parent]
    if (!icon || icon.hidden) return undefined
    const [w, h] = [icon.width ?? icons.width ?? 16, icon.height ?? icons.height ?? 16]
    const box = `${icon.left ?? icons.left ?? 0} ${icon.top ?? icons.top ?? 0} ${w} ${h}`
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}" viewBox="${box}">${icon.body}</svg>`
  }
}

function fluent3dFinder(pkg) {
  const flat = iconifyFinder(STYLES['fluent-flat'])
  const folder = join(require.resolve(`${pkg}/package.json`), '../assets')
  return (concept) => {
    // Only pictures whose origin is stated: those that the flat set (MIT) also has.
    if (!flat(concept)) return undefined
    const hex = concept.hexcode.toLowerCase()
    for (const name of [hex, hex.replaceAll('-fe0f', ''), `${hex}-fe0f`]) {
      try {
        return readFileSync(join(folder, `${name}.webp`))
      } catch (error) {
        if (error.code !== 'ENOENT') throw error
      }
    }
    return undefined
  }
}

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

mkdirSync(values.out, { recursive: true })
const bin = openSync(join(values.out, `art-${size}.bin`), 'w')
const images = []
for (const style of styles) {
  const find = style === 'fluent-3d' ? fluent3dFinder(STYLES[style]) : iconifyFinder(STYLES[style])
  const start = performance.now()
  let count = 0
  for (const concept of concepts) {
    const source = find(concept)
    if (source === undefined) continue
    writeSync(bin, await rasterise(source))
    images.push({ style, concept: slug(concept.label) })
    count++
  }
  console.log(`${style}: ${count} pictures, ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

const drawn = new Set(images.map((image) => image.concept))
const meta = readJson('emojibase-data/meta/groups.json')
const index = {
  size,
  styles,
  images,
  concepts: Object.fromEntries(
    concepts
      .filter((concept) => drawn.has(slug(concept.label)))
      .map((concept) => [
        slug(concept.label),
        {
          name: concept.label,
          group: meta.groups[concept.group],
          subgroup: meta.subgroups[concept.subgroup],
          names: [...new Set([concept.label, unicodeNames[concept.emoji]?.name, words[concept.emoji]?.[0]?.replaceAll('_', ' ')])].filter(Boolean),
          keywords: [...new Set([...(concept.tags ?? []), ...(words[concept.emoji] ?? []).slice(1)])].map((w) => w.replaceAll('_', ' ')),
        },
      ]),
  ),
}
writeFileSync(join(values.out, `art-${size}.json`), JSON.stringify(index))
console.log(`${images.length} pictures of ${drawn.size} concepts → ${join(values.out, `art-${size}.bin`)}`)

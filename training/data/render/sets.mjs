// Which packages draw, and how a concept's drawing is found in each.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
export const readJson = (path) => JSON.parse(readFileSync(require.resolve(path), 'utf8'))

/** Style → the package that draws it. Order is the style's index in the art. */
export const STYLES = {
  'fluent-3d': '@lobehub/fluent-emoji-3d',
  fluent: '@iconify-json/fluent-emoji',
  'fluent-flat': '@iconify-json/fluent-emoji-flat',
  noto: '@iconify-json/noto',
  'noto-v1': '@iconify-json/noto-v1',
  twemoji: '@iconify-json/twemoji',
  emojione: '@iconify-json/emojione',
  fxemoji: '@iconify-json/fxemoji',
  streamline: '@iconify-json/streamline-emojis',
  'fluent-color': '@iconify-json/fluent-color',
  'flat-color': '@iconify-json/flat-color-icons',
  'streamline-color': '@iconify-json/streamline-ultimate-color',
}

/** Of sets of icons for all purposes, only those that look like stickers: icon → concept, or "+" and a new one's name. */
export const PICKED = JSON.parse(readFileSync(join(import.meta.dirname, 'picked.json'), 'utf8'))

const PERMISSIVE = ['MIT', 'Apache-2.0', 'CC-BY-4.0']

/** @throws where the package is under any other licence, share-alike ones above all */
export function licenceOf(pkg) {
  const { license, version } = readJson(`${pkg}/package.json`)
  if (!PERMISSIVE.includes(license)) throw new Error(`${pkg} is under ${license}; known: ${PERMISSIVE.join(', ')}`)
  return { package: pkg, version, licence: license }
}

export const slug = (label) =>
  label
    .toLowerCase()
    .replace(/[’'.“”]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

const svg = (icons, icon, size) => {
  const [w, h] = [icon.width ?? icons.width ?? 16, icon.height ?? icons.height ?? 16]
  const box = `${icon.left ?? icons.left ?? 0} ${icon.top ?? icons.top ?? 0} ${w} ${h}`
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}" viewBox="${box}">${icon.body}</svg>`
}

/** By codepoints, else by the slug of the name. */
function byCharacter(pkg, size) {
  const icons = readJson(`${pkg}/icons.json`)
  const chars = readJson(`${pkg}/chars.json`)
  const byHex = new Map(Object.entries(chars).map(([hex, name]) => [hex.replaceAll('-fe0f', ''), name]))
  return (concept) => {
    const name = byHex.get(concept.hexcode?.toLowerCase().replaceAll('-fe0f', '')) ?? slug(concept.label)
    const icon = icons.icons[name] ?? icons.icons[icons.aliases?.[name]?.parent]
    return icon && !icon.hidden ? svg(icons, icon, size) : undefined
  }
}

/** By any of a concept's names, for sets that state no codepoints: they write names without hyphens, of an older
 * Unicode ("lion face"), or with a number for the first of several drawings. */
function byName(pkg, size) {
  const icons = readJson(`${pkg}/icons.json`)
  const flat = new Map(Object.keys(icons.icons).map((name) => [name.replace(/-1$/, '').replaceAll('-', ''), name]))
  return (concept, names) => {
    for (const name of names.map((name) => slug(name).replaceAll('-', ''))) {
      const found = flat.get(name) ?? flat.get(`${name}face`)
      if (found && !icons.icons[found].hidden) return svg(icons, icons.icons[found], size)
    }
    return undefined
  }
}

function byPick(pkg, style, size) {
  const icons = readJson(`${pkg}/icons.json`)
  const of = new Map(Object.entries(PICKED[style]).map(([icon, name]) => [slug(name), icon]))
  return (concept) => {
    const name = of.get(slug(concept.label))
    return name && svg(icons, icons.icons[name], size)
  }
}

/** WebP files by codepoint; only those whose origin is stated, which the flat set (MIT) also has. */
function ofFluent3d(pkg, size) {
  const flat = byCharacter(STYLES['fluent-flat'], size)
  const folder = join(require.resolve(`${pkg}/package.json`), '../assets')
  return (concept) => {
    if (!concept.hexcode || !flat(concept)) return undefined
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

/** (concept, its names) → SVG text, WebP bytes, or undefined where the style has no drawing of it. */
export function finderOf(style, size) {
  const pkg = STYLES[style]
  if (style === 'fluent-3d') return ofFluent3d(pkg, size)
  if (style in PICKED) return byPick(pkg, style, size)
  return style === 'fxemoji' || style === 'streamline' ? byName(pkg, size) : byCharacter(pkg, size)
}

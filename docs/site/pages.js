/** The site's pages, in the order of its menu: files of the repository, which is read there too, and their names here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** @typedef {{ source: string, url: string, title: string, text: string, section: string, menu: boolean }} Page */

const guide = (...names) => names.map((name) => [`docs/guide/${name}.md`, `${name}.html`])

const menu = {
  Start: [['docs/guide/README.md', 'index.html', 'What it is'], ...guide('quick-start', 'live')],
  'In your app': guide('vite', 'next', 'sveltekit', 'webpack', 'others', 'html', 'element', 'react', 'worker', 'pwa', 'node'),
  'On your site': guide('headers', 'storage', 'browsers', 'runtime', 'privacy'),
  Models: [...guide('models', 'words'), ['docs/REAL-MODELS.md', 'real-models.html']],
  Reference: [
    ['docs/api/README.md', 'api/index.html', 'API'],
    ['docs/ERRORS.md', 'errors.html'],
    ['CHANGELOG.md', 'changelog.html'],
  ],
  Behind: [
    ['docs/PERFORMANCE.md', 'performance.html'],
    ['docs/RESULTS.md', 'results.html'],
    ['docs/RELIABILITY.md', 'reliability.html'],
    ['SECURITY.md', 'security.html'],
    ['ATTRIBUTIONS.md', 'attributions.html'],
  ],
}

/** Pages of the API reference, which are reached from its first one. */
function reference() {
  const folder = 'docs/api'
  if (!existsSync(folder)) throw new Error('There is no docs/api: typedoc has not run.')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/'))
    .filter((source) => source !== `${folder}/README.md`)
    .map((source) => [source, source.slice('docs/'.length).replace(/README\.md$/, 'index.html').replace(/\.md$/, '.html')])
}

/** typedoc-plugin-markdown numbers some headings that stand alone. */
function corrected(text) {
  const alone = (name) => [...text.matchAll(/^#+ (.+)$/gm)].filter(([, each]) => each.toLowerCase() === name).length === 1
  return text.replace(/\(#(\w+)-1\)/g, (link, name) => (alone(name) ? `(#${name})` : link))
}

/** @returns {Page} */
function page(section, [source, url, name], inMenu) {
  const text = corrected(readFileSync(source, 'utf8'))
  const [, heading = basename(source)] = /^# (.+)$/m.exec(text) ?? []
  return { source, url, text, section, menu: inMenu, title: name ?? heading.replace(/[`\\]/g, '') }
}

/** @returns {Page[]} */
export function readPages() {
  const listed = Object.entries(menu).flatMap(([section, files]) => files.map((file) => page(section, file, true)))
  return [...listed, ...reference().map((file) => page('Reference', file, false))]
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Documents that say where things are. What they name has to be there. */
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/README.md',
  'docs/ARCHITECTURE.md',
  'docs/ERRORS.md',
  'docs/METHOD.md',
  'training/README.md',
  ...readdirSync('docs/guide').map((name) => `docs/guide/${name}`),
]
const FOLDERS = /^(src|shaders|training|e2e|bench|docs|models|public|scripts|examples|\.ci)\//

/** Paths in code spans such as `src/sample.ts`; NAME stands for a file to be written. */
function paths(text: string): string[] {
  return [...text.matchAll(/`([\w./-]+)`/g)].map(([, path = '']) => path).filter((path) => FOLDERS.test(path))
}

/** Targets of links within the repository, without their anchors. */
function links(text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''))
  return targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target))
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(document, 'utf8')
  /** Made by commands, not in git. */
  const made = /^(training\/(runs|\.data)\b|docs\/api\/)/

  it('names files that exist', () => {
    const missing = paths(text).filter((path) => !path.includes('NAME') && !made.test(path) && !existsSync(path))
    expect(missing).toEqual([])
  })

  it('links to files that exist', () => {
    const targets = links(text).map((target) => join(dirname(document), target))
    expect(targets.filter((target) => !made.test(target) && !existsSync(target))).toEqual([])
  })
})

it('docs/REAL-MODELS.md has the figures of bench/shards.json', () => {
  const { builds, textPhase } = JSON.parse(readFileSync('bench/shards.json', 'utf8'))
  const text = readFileSync('docs/REAL-MODELS.md', 'utf8')
  for (const [name, { baseline, download, draw }] of [
    ['JSPI', builds.jspi],
    ['without JSPI', builds.asyncify],
  ]) {
    expect(text).toContain(`| ${name} | ${baseline} | ${download} | ${draw} |`)
  }
  for (const figure of Object.values(textPhase)) expect(text).toContain(`${figure} MB`)
  const back = (textPhase.peak - textPhase.after) / (textPhase.peak - textPhase.before)
  expect(text).toContain(`${Math.round(100 * back)}% of what the text phase took is back`)
  expect(back).toBeGreaterThan(0.95)
})

it('docs/guide/headers.md repeats the Content-Security-Policy that the built site ships', () => {
  const shipped = /Content-Security-Policy: (.*)/.exec(readFileSync('public/_headers', 'utf8'))?.[1]
  expect(shipped).toContain('frame-ancestors')
  expect(readFileSync('docs/guide/headers.md', 'utf8').replace(/\s+/g, ' ')).toContain(shipped)
})

it('docs/ERRORS.md explains the names of src/errors.ts, all of them and no others', () => {
  const [, union = ''] = /EngineErrorName =([^/]*)\n\n/.exec(readFileSync('src/errors.ts', 'utf8')) ?? []
  const names = [...union.matchAll(/'(\w+)'/g)].map(([, name]) => name)
  const rows = readFileSync('docs/ERRORS.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const explained = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name))
  expect(names.length).toBeGreaterThan(10)
  expect(explained.sort()).toEqual(names.sort())
})

const guide = readdirSync('docs/guide').map((name) => ({ name, text: readFileSync(`docs/guide/${name}`, 'utf8') }))

it('docs/guide shows files of examples/ as they are', () => {
  const shown = guide.flatMap(({ name, text }) =>
    [...text.matchAll(/^```\w+ (examples\/\S+)\n(.*?)\n```$/gms)].map(([, path = '', code]) => ({ name, path, code })),
  )
  for (const { name, path, code } of shown) {
    expect(code, `${path} in ${name}`).toBe(readFileSync(path, 'utf8').trimEnd())
  }
  const folders = new Set(shown.map(({ path }) => path.split('/')[1]))
  expect([...folders].sort()).toEqual(readdirSync('examples').sort())
})

it('README.md and docs/guide/README.md lead to every page of docs/guide', () => {
  const pages = guide.map(({ name }) => name).filter((name) => name !== 'README.md')
  for (const [start, folder] of [
    ['README.md', 'docs/guide/'],
    ['docs/guide/README.md', ''],
  ] as const) {
    const linked = links(readFileSync(start, 'utf8'))
    const missing = pages.filter((name) => !linked.includes(folder + name))
    // What runs in a page is of the built site.
    expect(missing).toEqual(start === 'README.md' ? ['live.md'] : [])
  }
})

it('README.md is short: the first picture, and where the rest is', () => {
  const text = readFileSync('README.md', 'utf8')
  expect(text.length).toBeLessThan(6000)
  expect(text.indexOf('createEngine')).toBeLessThan(1500)
})

it('README.md says what a first picture costs to fetch, as it was measured', () => {
  const { platforms } = JSON.parse(readFileSync('bench/results.json', 'utf8'))
  const measured = (platforms.WASM.start.firstBytes / 1e6).toFixed(1)
  expect(readFileSync('README.md', 'utf8')).toContain(`fetches ${measured} MB (gzipped`)
})

it('docs/guide/storage.md names tests that there are', () => {
  const [, section = ''] = /## When a model changes(.*)/s.exec(readFileSync('docs/guide/storage.md', 'utf8')) ?? []
  const named = [...section.matchAll(/`(e2e\/\S+\.spec\.ts)`: "([^"]+)"/g)]
  expect(named.length).toBeGreaterThanOrEqual(3)
  for (const [, file = '', title = ''] of named) expect(readFileSync(file, 'utf8')).toContain(title)
})

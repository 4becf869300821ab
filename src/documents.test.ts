import { existsSync, readFileSync } from 'node:fs'
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
    expect(links(text).filter((target) => !existsSync(join(dirname(document), target)))).toEqual([])
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
})

it('README.md repeats the Content-Security-Policy that the built site ships', () => {
  const shipped = /Content-Security-Policy: (.*)/.exec(readFileSync('public/_headers', 'utf8'))?.[1]
  expect(shipped).toContain('frame-ancestors')
  expect(readFileSync('README.md', 'utf8').replace(/\s+/g, ' ')).toContain(shipped)
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

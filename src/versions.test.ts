import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const versionIn = (path: string): string => (JSON.parse(read(path)) as { version: string }).version

interface Release {
  readonly version: string
  readonly date: string
}

/** Releases of one section of CHANGELOG.md in their order on the page: `### [1.2.3] - 2026-01-31`. */
function releases(section: string): Release[] {
  const text = read('CHANGELOG.md')
    .split(/^## /m)
    .find((part) => part.startsWith(`${section}\n`))
  if (text === undefined) throw new Error(`CHANGELOG.md has no section "## ${section}".`)
  return [...text.matchAll(/^### \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$/gm)].map(([, version, date]) => ({
    version: version as string,
    date: date as string,
  }))
}

/** Sorts as the version does: '0.10.0' after '0.9.0'. */
const sortable = (version: string): string => version.replace(/\d+/g, (digits) => digits.padStart(6, '0'))

describe.each([
  { section: 'Library', files: ['package.json', 'package-lock.json'] },
  { section: 'Emoji weights', files: ['models/emoji/manifest.json', 'packages/emoji/package.json'] },
])('CHANGELOG.md, $section', ({ section, files }) => {
  it.each(files)('has as its newest release the version in %s', (file) => {
    expect(releases(section)[0]?.version).toBe(versionIn(file))
  })

  it('lists its releases newest first', () => {
    const found = releases(section)
    expect(found.length).toBeGreaterThan(0)
    const newestFirst = found.toSorted((a, b) => sortable(b.version).localeCompare(sortable(a.version)))
    expect(found).toEqual(newestFirst)
    expect(found.map(({ date }) => date)).toEqual(
      found
        .map(({ date }) => date)
        .toSorted()
        .reverse(),
    )
  })
})

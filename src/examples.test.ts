import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

interface PackageFile {
  readonly version: string
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}
const parse = (path: string): PackageFile => JSON.parse(read(path)) as PackageFile

const ours: Record<string, string> = {
  scalewise: parse('package.json').version,
  'scalewise-emoji': parse('packages/emoji/package.json').version,
}
const examples = readdirSync(new URL('examples', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** Files that were written by hand, without those that npm or a bundler made. */
function written(folder: string): string[] {
  return readdirSync(new URL(folder, root), { withFileTypes: true }).flatMap((entry) => {
    if (/^(node_modules|dist|build|models|vendor|package(-lock)?\.json|README\.md|\..*)$/.test(entry.name)) return []
    return entry.isDirectory() ? written(`${folder}${entry.name}/`) : [`${folder}${entry.name}`]
  })
}

describe.each(examples)('examples/%s', (name) => {
  it('pins every version, the packages of this repository at those that it has', () => {
    const { dependencies, devDependencies } = parse(`examples/${name}/package.json`)
    for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(`${dependency} ${version}`).toMatch(/ \d+\.\d+\.\d+$/)
      if (dependency in ours) expect(`${dependency} ${version}`).toBe(`${dependency} ${ours[dependency]}`)
    }
  })

  it('has a lock file that names no host, of the same versions', () => {
    const lock = read(`examples/${name}/package-lock.json`)
    expect(lock).not.toContain('"resolved"')
    const { packages } = JSON.parse(lock) as { packages: Record<string, PackageFile> }
    const manifest = parse(`examples/${name}/package.json`)
    expect(packages['']?.dependencies).toEqual(manifest.dependencies)
    expect(packages['']?.devDependencies).toEqual(manifest.devDependencies)
  })

  it('has a lock file of what scalewise depends on now; `npm run test:examples -- --lock` writes it', () => {
    const { packages } = JSON.parse(read(`examples/${name}/package-lock.json`)) as {
      packages: Record<string, PackageFile>
    }
    expect(packages['node_modules/scalewise']?.dependencies).toEqual(parse('package.json').dependencies)
  })

  it('is short: at most 60 lines and three of README', () => {
    const lines = written(`examples/${name}/`).map((file) => read(file).trimEnd().split('\n').length)
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(60)
    expect(read(`examples/${name}/README.md`).trimEnd().split('\n').length).toBeLessThanOrEqual(3)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, it } from 'vitest'
import { readModules } from './testing/modules'

/** Files that may share their name, with the reason. */
const SAME_FILE: Readonly<Record<string, string>> = {
  'index.ts': 'A folder’s own name says what it is.',
}

/** Exports that may share their name, with the reason. */
const SAME_EXPORT: Readonly<Record<string, string>> = {
  builtInWorker: 'page-worker.ts takes the place of built-in-worker.ts in one build.',
}

const modules = readModules()

function sharedBy(names: readonly (readonly [name: string, file: string])[]): string[] {
  const files = new Map<string, string[]>()
  for (const [name, file] of names) files.set(name, [...(files.get(name) ?? []), file])
  return [...files].filter(([, all]) => all.length > 1).map(([name, all]) => `${name}: ${all.join(', ')}`)
}

it('no two files below src/ share a name', () => {
  const names = modules.map(({ file }) => [basename(file), file] as const)
  expect(sharedBy(names.filter(([name]) => !Object.hasOwn(SAME_FILE, name)))).toEqual([])
})

it('no two files below src/ export functions, classes or constants of one name', () => {
  const names = modules.flatMap(({ file, exports }) => exports.map((name) => [name, file] as const))
  expect(sharedBy(names.filter(([name]) => !Object.hasOwn(SAME_EXPORT, name)))).toEqual([])
})

it('no exported type shadows one of the DOM', () => {
  // TypeScript's native package carries the declarations, one package per platform.
  const [platform] = readdirSync('node_modules/@typescript').filter((name) => name.startsWith('typescript-'))
  const declarations = readFileSync(`node_modules/@typescript/${platform}/lib/lib.dom.d.ts`, 'utf8')
  const dom = new Set([...declarations.matchAll(/^(?:interface|type) (\w+)/gm)].map(([, name]) => name))
  expect(dom).toContain('ProgressEvent')
  const shadows = modules.flatMap(({ file, types }) =>
    types.filter((name) => dom.has(name)).map((name) => [name, file]),
  )
  expect(shadows).toEqual([])
})

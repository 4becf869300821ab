/** The source files as data: what each imports, exports and reads of the DOM. For the tests of the layout. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

export interface Import {
  /** A file below src/, `../x` for one outside it, or a package's name. */
  readonly target: string
  /** As it is written. */
  readonly specifier: string
  /** Gone when the code runs. */
  readonly typesOnly: boolean
}

export interface Module {
  /** Below src/, with slashes: `weights/net/http.ts`. */
  readonly file: string
  readonly imports: readonly Import[]
  /** Functions, classes and constants that this file itself exports. */
  readonly exports: readonly string[]
  /** Types and interfaces that it exports. */
  readonly types: readonly string[]
  /** Globals of the DOM that it names. */
  readonly dom: readonly string[]
}

export function readModules(): Module[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort()
    .map((file) => readModule(file, readFileSync(join(ROOT, file), 'utf8')))
}

export function readModule(file: string, code: string): Module {
  const { module, program, errors } = parseSync(file, code)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const found: { specifier: string; typesOnly: boolean }[] = []
  for (const { moduleRequest, entries } of module.staticImports) {
    // An import without names runs the other file.
    const typesOnly = entries.length > 0 && entries.every(({ isType }) => isType)
    found.push({ specifier: moduleRequest.value, typesOnly })
  }
  const exports: string[] = []
  const types: string[] = []
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, exportName, isType } of entries) {
      if (moduleRequest) found.push({ specifier: moduleRequest.value, typesOnly: isType })
      else if (exportName.name) (isType ? types : exports).push(exportName.name)
    }
  }
  const dom = new Set<string>()
  visit(program, (node) => {
    if (node.type === 'ImportExpression') found.push({ specifier: literal(node.source), typesOnly: false })
    if (node.type === 'TSImportType') found.push({ specifier: literal(node.source), typesOnly: true })
    if (node.type === 'Identifier' && DOM.test(String(node.name))) dom.add(String(node.name))
  })
  const imports = found
    .filter(({ specifier }) => specifier !== '')
    .map((each) => ({ ...each, target: resolve(file, each.specifier) }))
  return { file, imports, exports, types, dom: [...dom] }
}

const DOM = /^(document|window|customElements|HTML\w*Element)$/

interface AstNode {
  readonly type: string
  readonly [key: string]: unknown
}

/** Calls `look` for every node but the names of properties. */
function visit(value: unknown, look: (node: AstNode) => void): void {
  if (Array.isArray(value)) for (const each of value) visit(each, look)
  if (typeof value !== 'object' || value === null || !('type' in value)) return
  const node = value as AstNode
  look(node)
  for (const [key, child] of Object.entries(node)) {
    if ((key === 'property' || key === 'key') && !node.computed) continue
    visit(child, look)
  }
}

/** Empty for an import whose name is computed. */
function literal(node: unknown): string {
  const { value } = node as { value?: unknown }
  return typeof value === 'string' ? value : ''
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return packageOf(specifier)
  const path = normalize(join(dirname(from), specifier.replace(/\?.*$/, '')))
    .split(sep)
    .join('/')
  if (path.startsWith('..')) return path
  const target = [path, `${path}.ts`, `${path}/index.ts`].find(
    (each) => /\.\w+$/.test(each) && existsSync(join(ROOT, each)),
  )
  if (!target) throw new Error(`${from} imports ${specifier}, which is not there (${relative('.', join(ROOT, path))}).`)
  return target
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node'
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

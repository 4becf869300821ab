import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { diskProblem } from './disk-problem'

/** As in a manifest: nothing beside or above the folder is a model's file. */
const PLAIN = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/

/** Its message says what to do. */
export class CopyError extends Error {}

export interface CopiedModel {
  /** The model's new folder. */
  readonly target: string
  readonly version: string
  /** Of the files that the manifest names. */
  readonly bytes: number
}

interface ListedFile {
  readonly path: string
  readonly sha256: string
}

interface Listed {
  readonly version: string
  readonly files: readonly ListedFile[]
}

/**
 * Copies the model of the package `scalewise-NAME`, as the app in `app` has it installed, to `folder`/NAME. What was there
 * stays until the copy is whole and its hashes are those of the manifest. Of that, the older version's files go; others
 * stay beside the new ones.
 *
 * @throws CopyError where the package is missing or damaged, the place is taken by something that is no model, or the disk
 * refuses.
 */
export function copyModel(name: string, folder: string, app: string): CopiedModel {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new CopyError(`'${name}' is no model's name. Try: emoji.`)
  const source = join(packageFolder(`scalewise-${name}`, app), 'model')
  const target = join(folder, name)
  const replaced = listed(target)
  if (!replaced && isTaken(target)) {
    throw new CopyError(`${target} is there and holds no model. Give another folder, or move it away.`)
  }
  // Of this run alone: another one may copy at the same time.
  const mark = randomBytes(4).toString('hex')
  const [copy, old] = [`${target}.${mark}.copying`, `${target}.${mark}.old`]
  try {
    mkdirSync(folder, { recursive: true })
    cpSync(source, copy, { recursive: true })
    const manifest = listed(copy)
    if (!manifest) throw new CopyError(`manifest.json is damaged in the package scalewise-${name}. Install it again.`)
    const bytes = manifest.files.reduce((sum, file) => sum + checkedBytes(copy, file, name), 0)
    if (replaced) {
      keepOthers(target, replaced, copy)
      renameSync(target, old)
    }
    renameSync(copy, target)
    return { target, version: manifest.version, bytes }
  } catch (error) {
    if (existsSync(old) && !existsSync(target)) renameSync(old, target)
    const problem = diskProblem(error)
    if (!problem || error instanceof CopyError) throw error
    throw new CopyError(`${target} cannot be written: ${problem}.`, { cause: error })
  } finally {
    for (const each of [copy, old]) if (existsSync(each)) rmSync(each, { recursive: true })
  }
}

/** Also by a link that leads nowhere. */
export function isTaken(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // What is wrong with the path is told when it is written.
    return false
  }
}

/** What a folder's manifest.json lists; undefined where there is none of a model. Web apps have files of that name, too. */
function listed(folder: string): Listed | undefined {
  try {
    const found = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Listed & { format?: unknown }
    const isModel =
      typeof found.format === 'number' && found.files.every(({ path, sha256 }) => PLAIN.test(path) && sha256)
    return isModel ? found : undefined
  } catch {
    return undefined
  }
}

/** Takes over what is no file of the older version. */
function keepOthers(from: string, { files }: Listed, to: string): void {
  const old = new Set(['manifest.json', ...files.map(({ path }) => path)].map((path) => join(from, path)))
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const kept = join(to, relative(from, path))
    if (entry.isDirectory() || old.has(path) || existsSync(kept)) continue
    cpSync(path, kept, { verbatimSymlinks: true })
  }
}

function packageFolder(name: string, app: string): string {
  try {
    return dirname(createRequire(join(app, 'package.json')).resolve(`${name}/package.json`))
  } catch (cause) {
    throw new CopyError(`The package ${name} is not installed here. Run: npm install ${name}`, { cause })
  }
}

function checkedBytes(folder: string, { path, sha256 }: ListedFile, name: string): number {
  const bytes = existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : Buffer.alloc(0)
  if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes.length
  throw new CopyError(`${path} is damaged in the package scalewise-${name}. Install it again.`)
}

import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

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
 * stays until the copy is whole and its hashes are those of the manifest.
 *
 * @throws CopyError where the package is missing or damaged, or the place is taken by something that is no model.
 */
export function copyModel(name: string, folder: string, app: string): CopiedModel {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new CopyError(`'${name}' is no model's name. Try: emoji.`)
  const source = join(packageFolder(`scalewise-${name}`, app), 'model')
  const target = join(folder, name)
  if (existsSync(target) && !existsSync(join(target, 'manifest.json'))) {
    throw new CopyError(`${target} is there and holds no model. Give another folder, or move it away.`)
  }
  const copy = `${target}.copying`
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    cpSync(source, copy, { recursive: true })
    const { version, files } = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8')) as Listed
    const bytes = files.reduce((sum, file) => sum + checkedBytes(copy, file, name), 0)
    rmSync(target, { recursive: true, force: true })
    renameSync(copy, target)
    return { target, version, bytes }
  } finally {
    rmSync(copy, { recursive: true, force: true })
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
  const bytes = readFileSync(join(folder, path))
  if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes.length
  throw new CopyError(`${path} is damaged in the package scalewise-${name}. Install it again.`)
}

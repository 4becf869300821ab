/** An app as a stranger has it: a copy outside the repository, with the packed tarballs installed. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExampleApp } from './apps'
import { run } from './commands'

/** By package name, the tarball's file in the folder above the apps. */
export type Tarballs = Readonly<Record<string, string>>

interface PackageFile {
  readonly dependencies: Record<string, string>
}

interface LockFile {
  readonly packages: Record<string, { resolved?: string; integrity?: string; dependencies?: Record<string, string> }>
}

export async function packTarballs(target: string): Promise<Tarballs> {
  const folders = ['.', './packages/emoji']
  const printed = await run('.', 'npm', ['pack', ...folders, '--silent', '--pack-destination', target])
  const names = printed.trim().split('\n').slice(-folders.length)
  return Object.fromEntries(names.map((name) => [name.replace(/-\d.*$/, ''), name]))
}

/** Returns the app's folder. What npm chose goes to the example's lock file when `lock` is set. */
export async function install(app: ExampleApp, target: string, tarballs: Tarballs, lock: boolean): Promise<string> {
  const folder = join(target, app.name)
  mkdirSync(folder)
  const sources = app.folders.map((name) => join('examples', name))
  for (const source of sources) {
    cpSync(source, folder, {
      recursive: true,
      filter: (path) => !/[\\/](node_modules|dist|build|\.next|\.svelte-kit|models|scalewise)$/.test(path),
    })
  }
  const file = join(folder, 'package.json')
  const asWritten = readFileSync(file, 'utf8')
  const manifest = JSON.parse(asWritten) as PackageFile
  const written = { ...manifest.dependencies }
  for (const [name, tarball] of Object.entries(tarballs)) {
    if (name in manifest.dependencies) manifest.dependencies[name] = `file:../${tarball}`
  }
  writeFileSync(file, JSON.stringify(manifest, null, 2))
  const lockFile = join(folder, 'package-lock.json')
  if (!lock && !existsSync(lockFile)) {
    throw new Error(`examples/${app.name} has no lock file. Run \`npm run test:examples -- --lock ${app.name}\`.`)
  }
  await run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'])
  if (lock) {
    const text = asPublished(readFileSync(lockFile, 'utf8'), written, tarballs)
    writeFileSync(join(sources.at(-1) as string, 'package-lock.json'), text)
  }
  return folder
}

/** The lock file that npm would write if it had found both packages by their names. */
function asPublished(text: string, dependencies: Record<string, string>, tarballs: Tarballs): string {
  const { packages, ...rest } = JSON.parse(text) as LockFile
  const root = packages['']
  if (root) root.dependencies = dependencies
  for (const name of Object.keys(tarballs)) {
    const entry = packages[`node_modules/${name}`]
    delete entry?.resolved
    delete entry?.integrity
  }
  return `${JSON.stringify({ ...rest, packages }, null, 2)}\n`
}

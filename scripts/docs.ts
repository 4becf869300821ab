/**
 * `npm run docs`: the documentation site in dist-docs, which the next `npm run build` takes into the built site as `docs/`.
 * Its tools are a package of their own, docs/site, installed here when they are not there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { pagePolicy } from './policy'

const folder = 'docs/site'

function run(command: string, args: readonly string[], env: Record<string, string> = {}): void {
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...env },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}.`)
}

/** Whether what is installed is what the lock file says: npm leaves a copy of it. */
function isInstalled(): boolean {
  const installed = `${folder}/node_modules/.package-lock.json`
  if (!existsSync(installed)) return false
  const versions = (file: string): string =>
    JSON.stringify(
      Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages as Record<string, { version?: string }>)
        .filter(([path]) => path !== '')
        .map(([path, { version }]) => `${path} ${version}`),
    )
  return versions(installed) === versions(`${folder}/package-lock.json`)
}

if (!isInstalled()) run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'])
for (const made of ['docs/api', 'dist-docs']) rmSync(made, { recursive: true, force: true })
run(process.execPath, [`${folder}/node_modules/typedoc/bin/typedoc`, '--options', `${folder}/typedoc.json`])
run(
  process.execPath,
  [`${folder}/node_modules/@11ty/eleventy/cmd.cjs`, `--config=${folder}/eleventy.config.js`, '--quiet'],
  { DOCS_POLICY: pagePolicy() },
)

/**
 * `npm run check:packages`: packs both packages as `npm publish` would, and asks publint and Are The Types Wrong about the
 * tarballs: whether every entry is there, in the form that it claims, with types that TypeScript finds. Then compiles an
 * app against them. Needs dist-lib.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileConsumer } from './compile-consumer'

const folders = ['.', './packages/emoji'] as const
/** ES modules alone: TypeScript's `node10` knows no `exports`, and `require` of them is up to Node. */
const attwProfile = 'esm-only'

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

if (!existsSync('dist-lib/index.js')) throw new Error('There is no package yet. Run `npm run build:lib` first.')
const target = mkdtempSync(join(tmpdir(), 'scalewise-packages-'))
try {
  // Names of the tarballs come last, one a line, after whatever the packages' own scripts print.
  const printed = run('npm', ['pack', ...folders, '--silent', '--pack-destination', target])
  const tarballs = printed.trim().split('\n').slice(-folders.length)
  for (const name of tarballs) {
    const tarball = join(target, name)
    run('npx', ['publint', 'run', '--strict', tarball])
    run('npx', ['attw', tarball, '--profile', attwProfile, '--no-emoji', '--no-color'])
    console.log(`${name}: publint and attw find nothing.`)
    const unpacked = join(target, 'node_modules', name.replace(/-\d.*$/, ''))
    mkdirSync(unpacked, { recursive: true })
    run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components', '1'])
  }
  await compileConsumer(target)
} finally {
  rmSync(target, { recursive: true, force: true })
}

/**
 * Compiles an app in strict TypeScript against the unpacked packages, their declarations included (`skipLibCheck: false`),
 * with every TypeScript version that README names and both ways of finding modules. Nothing but the two packages is
 * installed there: types of other packages that theirs would need are missing.
 */
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const consumer = 'scripts/consumer'
const versions = ['typescript-5.7', 'typescript-5.9', 'typescript-6.0'] as const

/** `module` of each `moduleResolution`. */
const resolutions = { bundler: 'ESNext', nodenext: 'NodeNext' } as const

/** The first example of README, as one pastes it. */
function readmeExample(): string {
  const [, code] = /```ts\n(import \{ createEngine \}.*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? []
  if (!code) throw new Error('README.md no longer has an example that begins with `import { createEngine }`.')
  return code
}

/** `folder` has the packages in its node_modules. */
export async function compileConsumer(folder: string): Promise<void> {
  if (!versions.every((name) => existsSync(join(consumer, 'node_modules', name)))) {
    const { status } = spawnSync('npm', ['ci', '--prefix', consumer, '--no-audit', '--no-fund', '--silent'], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
    if (status !== 0) throw new Error(`\`npm ci --prefix ${consumer}\` ended with ${status}.`)
  }
  copyFileSync(join(consumer, 'app.ts'), join(folder, 'app.ts'))
  writeFileSync(join(folder, 'readme.ts'), readmeExample())
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilers = [...versions.map((name) => join(consumer, 'node_modules', name)), 'node_modules/typescript']
  for (const compiler of compilers) {
    const { version } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8')) as { version: string }
    const compiled = Object.entries(resolutions).map(([moduleResolution, module]) =>
      compile(resolve(compiler, 'bin/tsc'), folder, { moduleResolution, module }, `TypeScript ${version}`),
    )
    await Promise.all(compiled)
    console.log(`The app compiles with TypeScript ${version} (${Object.keys(resolutions).join(', ')}).`)
  }
}

function compile(
  tsc: string,
  folder: string,
  options: { readonly moduleResolution: string; readonly module: string },
  name: string,
): Promise<void> {
  const compilerOptions = {
    ...options,
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    noEmit: true,
  }
  const project = join(folder, `tsconfig.${options.moduleResolution}.json`)
  writeFileSync(project, JSON.stringify({ compilerOptions, files: ['app.ts', 'readme.ts'] }))
  return new Promise((done, fail) => {
    execFile(process.execPath, [tsc, '--project', project, '--pretty', 'false'], (error, stdout, stderr) => {
      if (error) fail(new Error(`${name}, ${options.moduleResolution}:\n${stdout}${stderr}`, { cause: error }))
      else done()
    })
  })
}

/**
 * Compiles an app in strict TypeScript against the unpacked packages, their declarations included (`skipLibCheck: false`),
 * with every TypeScript version that docs/guide names and both ways of finding modules. Nothing but the two packages is
 * installed there: types of other packages that theirs would need are missing.
 */
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const consumer = 'scripts/consumer'
const versions = ['typescript-5.7', 'typescript-5.9', 'typescript-6.0'] as const

/** `module` of each `moduleResolution`. */
const resolutions = { bundler: 'ESNext', nodenext: 'NodeNext' } as const

/** Examples of README and of docs/guide that import the package, as one pastes them, by a file name for each. */
function examples(): Readonly<Record<string, string>> {
  const documents = ['README.md', ...readdirSync('docs/guide').map((name) => `docs/guide/${name}`)]
  const found = documents.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^```ts(?: live)?\n(import .*?)```/gms)].map(([, code = ''], index) => [
      `${path.replace(/\W/g, '-')}-${index}.ts`,
      code,
    ]),
  )
  if (!found.some(([name]) => name?.startsWith('README-md')) || found.length < 8) {
    throw new Error('README.md or docs/guide no longer have examples that begin with `import`.')
  }
  return Object.fromEntries(found)
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
  const pasted = examples()
  for (const [name, code] of Object.entries(pasted)) writeFileSync(join(folder, name), code)
  const files = ['app.ts', ...Object.keys(pasted)]
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilers = [...versions.map((name) => join(consumer, 'node_modules', name)), 'node_modules/typescript']
  for (const compiler of compilers) {
    const { version } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8')) as { version: string }
    const compiled = Object.entries(resolutions).map(([moduleResolution, module]) =>
      compile(resolve(compiler, 'bin/tsc'), folder, files, { moduleResolution, module }, `TypeScript ${version}`),
    )
    await Promise.all(compiled)
    console.log(
      `The app and ${files.length - 1} examples of the documents compile with TypeScript ${version} (${Object.keys(resolutions).join(', ')}).`,
    )
  }
}

function compile(
  tsc: string,
  folder: string,
  files: readonly string[],
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
  writeFileSync(project, JSON.stringify({ compilerOptions, files }))
  return new Promise((done, fail) => {
    execFile(process.execPath, [tsc, '--project', project, '--pretty', 'false'], (error, stdout, stderr) => {
      if (error) fail(new Error(`${name}, ${options.moduleResolution}:\n${stdout}${stderr}`, { cause: error }))
      else done()
    })
  })
}

/**
 * `npm run size [-- --parts]`: what an app downloads of the package for its first picture, minified and gzipped file by
 * file. Vite builds the smallest app there is from dist-lib, with module workers (`worker.format: 'es'`; its default puts
 * all of the worker in one file). A first visit fetches nothing else of it before its picture: e2e/library/package.spec.ts.
 * The dependencies are left out of the figure that the limit is for; the line below it has all of them but ONNX Runtime.
 * `--parts` names the modules that the bytes are of. Fails above the limit.
 */
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build, minifySync, type Plugin, type Rolldown } from 'vite'
import manifest from '../package.json' with { type: 'json' }

/** Bytes, for the larger of the two backends: just above what it takes, so that growth is noticed. The aim is 21,000. */
const LIMIT = 26_700
const ELEMENT_LIMIT = 3_000
const HOOK_LIMIT = 1_500

// Given away, so that the bundler takes them for used.
const DRAWS = "import { createEngine } from 'scalewise'; globalThis.used = createEngine"
const CALLS_ALL = "import * as all from 'scalewise'; globalThis.used = all"

/** Files that the worker loads by `import()`, by the backend that needs them. */
const backends = { WebGPU: 'webgpu-backend', WASM: 'cpu-platform' } as const

interface File {
  readonly name: string
  readonly bytes: number
  readonly chunk: Rolldown.OutputChunk
  /** Whose it is: the page's or the worker's. Each is bundled on its own. */
  readonly side: 'page' | 'worker'
}

async function buildApp(app: string, leftOut: readonly string[]): Promise<File[]> {
  const external = (id: string): boolean => leftOut.some((name) => id === name || id.startsWith(`${name}/`))
  const files: File[] = []
  const collect = (side: File['side']): Plugin => ({
    name: 'collect',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk')
          files.push({ name: chunk.name, bytes: compressed(minified(chunk.code)), chunk, side })
      }
    },
  })
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [
      { name: 'app', resolveId: (id) => (id === 'app' ? '\0app' : null), load: (id) => (id === '\0app' ? app : null) },
      collect('page'),
    ],
    // Minified above, so that modules can still be distinguished here.
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      modulePreload: false,
      rolldownOptions: { input: 'app', external },
    },
    worker: { format: 'es', plugins: () => [collect('worker')], rolldownOptions: { external } },
  })
  return files
}

/** What a first picture loads: both entries, the backend's own file, and whatever these import. */
function loadedFor(backend: keyof typeof backends, files: readonly File[]): File[] {
  const loaded = new Set<File>()
  const load = (file: File | undefined): void => {
    if (!file) throw new Error(`The build has no file for ${backend} any more. Look at worker/worker.ts.`)
    if (loaded.has(file)) return
    loaded.add(file)
    for (const name of file.chunk.imports) {
      const imported = files.find(({ chunk, side }) => side === file.side && chunk.fileName === name)
      if (imported) load(imported)
    }
  }
  for (const file of files) if (file.chunk.isEntry) load(file)
  load(files.find(({ name, side }) => name === backends[backend] && side === 'worker'))
  return [...loaded]
}

function minified(code: string): string {
  return minifySync('chunk.js', code, { module: true }).code
}

function compressed(code: string): number {
  return gzipSync(code, { level: 9 }).length
}

/** Bytes that a file would have less without each of its modules. They overlap, so their sum is less than the file. */
function parts({ chunk }: File): [module: string, bytes: number][] {
  const names: string[] = []
  // For the bundler's comment above each module a statement that minifying keeps.
  const code = chunk.code.replace(/^\/\/ dist-lib\/(\S+)$/gm, (_, name) => `globalThis["§${names.push(name) - 1}"];`)
  const [head = '', ...pieces] = minified(code).split(/globalThis\[?[.`"]*§\d+[`"]?\]?[,;]?/)
  const whole = compressed(head + pieces.join(''))
  return names
    .map((name, i): [string, number] => [name, whole - compressed(head + pieces.toSpliced(i, 1).join(''))])
    .sort(([, one], [, other]) => other - one)
}

function line(bytes: number, words: string): string {
  return `${bytes.toLocaleString('en-GB').padStart(8)}  ${words}`
}

function sum(files: readonly File[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}

if (!existsSync('dist-lib')) throw new Error('There is no package to measure. Run `npm run build:lib` first.')
const packages = Object.keys(manifest.dependencies)
const own = await buildApp(DRAWS, packages)
const all = await buildApp(CALLS_ALL, packages)
const withPackages = await buildApp(
  DRAWS,
  packages.filter((name) => name.startsWith('onnxruntime')),
)

console.log('Bytes, minified and gzipped, of an app that calls createEngine and nothing else.\n')
for (const file of own) {
  console.log(line(file.bytes, `${file.side}: ${file.name}`))
  if (process.argv.includes('--parts')) for (const [name, bytes] of parts(file)) console.log(line(bytes, `  ${name}`))
}
console.log(line(sum(own), 'all of it, whatever the machine'))
console.log(line(sum(all), 'the same for an app that calls everything else as well'))

const totals = (Object.keys(backends) as (keyof typeof backends)[]).map((backend) => {
  const loaded = loadedFor(backend, own)
  const whole = sum(loadedFor(backend, withPackages))
  console.log(
    `\n${line(sum(loaded), `a first picture on ${backend}: ${loaded.map(({ name }) => name).join(', ')}`)}\n` +
      line(whole, 'the same with comlink, idb-keyval, valibot and the tokenizer in it'),
  )
  return sum(loaded)
})

const ofFiles = (...names: string[]): number =>
  names.reduce((total, name) => total + compressed(minified(readFileSync(`dist-lib/${name}.js`, 'utf8'))), 0)
const element = ofFiles('element', 'shared-engine', 'picture-output')
const hook = ofFiles('react', 'shared-engine')
console.log(`\n${line(element, 'the custom element on top, with scalewise/picture')}`)
console.log(line(hook, 'the React hook on top'))

const largest = Math.max(...totals)
const verdict = largest > LIMIT ? 'ABOVE the limit' : 'within the limit'
console.log(`\n${largest.toLocaleString('en-GB')} bytes are ${verdict} of ${LIMIT.toLocaleString('en-GB')}.`)
if (largest > LIMIT || element > ELEMENT_LIMIT || hook > HOOK_LIMIT) process.exitCode = 1

/**
 * Part of `npm run build:lib`: dist-lib/page, the package for pages without a bundler. One folder, to be served as it is
 * from the page's own origin or from another one: entries by their names, worker.js, and ONNX Runtime's builds, each with
 * its .mjs and .wasm under their own names. All is bundled from dist-lib, minified.
 */
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'
import { licences } from './licences'

const folder = 'dist-lib/page'
const entries = {
  scalewise: 'index',
  element: 'element',
  picture: 'picture-output',
  understand: 'understand/index',
  worker: 'worker/worker',
}
/** Of WASM; of WebGPU with the browser's own means of suspending, and without. */
const runtimes = ['', '.jspi', '.asyncify'].flatMap((build) =>
  ['mjs', 'wasm'].map((type) => `ort-wasm-simd-threaded${build}.${type}`),
)

const swapWorker: Plugin = {
  name: 'swap-worker',
  resolveId: (id) => (id.endsWith('/built-in-worker.js') ? resolve('dist-lib/client/page-worker.js') : null),
}

rmSync(folder, { recursive: true, force: true })
const { collect, ship } = licences()
const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, `./dist-lib/${file}.js`])),
  platform: 'browser',
  // ONNX Runtime's builds that look for their .mjs and .wasm beside themselves, and start threads with that .mjs.
  resolve: { conditionNames: ['onnxruntime-web-use-extern-wasm', 'import', 'browser', 'default'] },
  plugins: [swapWorker, collect as unknown as Plugin, ship as unknown as Plugin],
})
const { output } = await bundle.write({
  dir: folder,
  format: 'es',
  minify: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
})
const distributed = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))
for (const name of runtimes) copyFileSync(join(distributed, name), join(folder, name))

/** What a browser could not find: no server resolves bare names, and import maps do not reach workers. */
for (const chunk of output) {
  if (chunk.type !== 'chunk') continue
  const bare = [...chunk.imports, ...chunk.dynamicImports].filter(
    (id) => !output.some(({ fileName }) => fileName === id),
  )
  if (bare.length > 0) throw new Error(`${folder}/${chunk.fileName} imports ${bare}, which no page can.`)
}
if (!readFileSync(join(folder, 'scalewise.js'), 'utf8').includes('createEngine')) {
  throw new Error(`${folder}/scalewise.js does not export createEngine.`)
}

/**
 * Last step of `npm run build:lib`. `tsc` writes one declaration a module, internals and the types of other packages
 * included. Keeps of them what the entries export and that leads to, in one file an entry, then imports the package as
 * Node does: its entries may touch nothing that only browsers have.
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import manifest from '../package.json' with { type: 'json' }

/** As in tsconfig.lib.json. */
const declarations = '.cache/declarations'
const folder = 'dist-lib'
/** A script that a worker runs, with nothing to import. */
const worker = 'worker/worker'

const entries = Object.values(manifest.exports)
  .flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]))
  .map((path) => path.slice(`./${folder}/`.length, -'.d.ts'.length))

const bundle = await rolldown({
  input: Object.fromEntries(
    entries.filter((entry) => entry !== worker).map((entry) => [entry, resolve(declarations, `${entry}.d.ts`)]),
  ),
  plugins: [dts({ dtsInput: true, emitDtsOnly: true, sourcemap: false }), declareDisposable()],
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
})
const { output } = await bundle.write({
  dir: folder,
  format: 'es',
  chunkFileNames: '[name].d.ts',
  minifyInternalExports: false,
})
writeFileSync(join(folder, `${worker}.d.ts`), '/** Run by a worker; it exports nothing. */\nexport {}\n')

/** Apps must not need what the engine is built of: neither valibot's types nor those of WebGPU. */
for (const chunk of output) {
  if (chunk.type === 'chunk' && chunk.imports.some((id) => !output.some(({ fileName }) => fileName === id)))
    throw new Error(`${folder}/${chunk.fileName} needs the types of ${chunk.imports}. Spell them out in src/.`)
}

/** Symbol.asyncDispose for apps whose `lib` is older than it. */
function declareDisposable() {
  return {
    name: 'declare-disposable',
    renderChunk: {
      order: 'post' as const,
      handler: (code: string) =>
        code.includes('Symbol.asyncDispose') ? `/// <reference lib="esnext.disposable" />\n${code}` : null,
    },
  }
}

const exported = {
  '': 'createEngine',
  '/element': 'ScalewiseImage',
  '/react': 'useImage',
  '/understand': 'loadVocabulary',
}
for (const [path, name] of Object.entries(exported)) {
  const entry = `scalewise${path}`
  const values = (await import(entry)) as Record<string, unknown>
  if (typeof values[name] !== 'function') throw new Error(`${entry} does not export ${name}.`)
}

import { describe, expect, it } from 'vitest'
import { type Import, type Module, readModule, readModules } from './testing/modules'

/**
 * The allowed imports below src/. They run one way, from the page to the numbers; a part may always import itself.
 * The parts of a folder are listed where its subfolders differ; all files of src/ itself that have no line are `core`.
 */
const ARROWS: Readonly<Record<string, { readonly code: readonly string[]; readonly types?: readonly string[] }>> = {
  // The page of figures and the drawing page; they know the public entries alone, and share what is common to both.
  'demo/draw': { code: ['demo/shared', 'demo/away', 'index', 'understand'] },
  // Files as other programs want them, loaded when one is asked for.
  'demo/away': { code: ['demo/shared'], types: ['index'] },
  'demo/bench': { code: ['demo/shared', 'index'] },
  // The blind study: its order of pairs is drawn by the engine's own generator.
  'demo/study': { code: ['demo/shared', 'index', 'kernels/philox'] },
  // The documents: examples that run in the page.
  'demo/docs': { code: ['demo/shared', 'index', 'element'] },
  'demo/shared': { code: [], types: ['index'] },
  index: { code: ['client', 'weights', 'core'], types: ['contract'] },
  // Entries of their own: a custom element, a React hook, and pictures as pages need them.
  element: { code: ['shared-engine', 'picture-output', 'core'], types: ['client'] },
  react: { code: ['shared-engine', 'core'] },
  'shared-engine': { code: ['client', 'core'] },
  'picture-output': { code: ['core'] },
  // An entry of its own: what a model learned, without an engine.
  understand: { code: ['core'] },
  // Page side, what both share, worker side. The page sees the worker's types alone.
  client: { code: ['bridge', 'weights', 'weights/store', 'runtime', 'contract', 'core'], types: ['worker'] },
  bridge: { code: ['core'], types: ['contract'] },
  worker: { code: ['bridge', 'weights', 'model', 'pipeline', 'runtime', 'contract', 'core'] },
  // The command line puts the same parts together without a worker.
  cli: { code: ['model', 'pipeline', 'kernels', 'runtime', 'weights', 'weights/store', 'contract', 'core'] },
  // Puts a model together on a platform: the only one to know kernels, runtime and text at once.
  model: { code: ['pipeline', 'kernels', 'runtime', 'text', 'contract', 'core'], types: ['weights'] },
  pipeline: { code: ['sample', 'contract', 'core'] },
  // The loop and the kernels know nothing of models.
  sample: { code: ['core'] },
  kernels: { code: ['kernels/philox', 'core'] },
  'kernels/philox': { code: ['core'] },
  runtime: { code: ['core'], types: ['contract'] },
  text: { code: ['core'], types: ['contract'] },
  weights: { code: ['weights/net', 'weights/store', 'weights/tabs', 'contract', 'core'] },
  'weights/net': { code: ['weights/store', 'contract', 'core'] },
  'weights/store': { code: ['weights/tabs', 'core'] },
  'weights/tabs': { code: ['core'] },
  // What a model and a request may say.
  contract: { code: ['core'] },
  core: { code: [] },
}

/** Files of src/ itself that are not `core`. */
const NAMED = ['index', 'element', 'react', 'shared-engine', 'picture-output', 'pipeline', 'sample']
const CONTRACT = ['manifest', 'request']

/** One importer each, a file or a folder. Every package that src/ uses is here. */
const IMPORTERS: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-web': ['runtime/ort.ts', 'runtime/node-build.ts', 'demo/draw/keep-runtime.ts'],
  'idb-keyval': ['weights/store/database.ts', 'demo/study/votes.ts', 'demo/draw/gallery-store.ts'],
  comlink: ['bridge/', 'demo/away/'],
  pica: ['demo/away/'],
  'client-zip': ['demo/away/'],
  '@jsquash/webp': ['demo/away/webp-library.ts'],
  '.wgsl': ['kernels/webgpu.ts'],
  valibot: ['manifest', 'demo/study/'],
  '@huggingface/tokenizers': ['text/'],
  '@noble/hashes': ['weights/store/streamed-file.ts'],
  'virtual:pwa-register': ['demo/draw/updates.ts'],
  node: ['cli/'],
  pngjs: ['cli/'],
  react: ['react.ts'],
  '../bench': ['demo/bench/', 'demo/study/'],
  '../docs': ['demo/study/'],
}

/** Only the pages touch the DOM, apart from these. */
const DOM_READERS: Readonly<Record<string, string>> = {
  'address.ts': 'Relative addresses are the page’s: document.baseURI, where there is a document.',
  'picture-output.ts': 'Pictures on canvases and in files, for pages.',
}

const modules = readModules()
/** Tests and what they share may put together what they like; the cycle check sees them, too. */
const shipped = modules.filter(({ file }) => !/(\.test\.ts|\/testing\/|^testing\/)/.test(file))

function partOf(file: string): string {
  const [first = '', second] = file.replace(/\.ts$/, '').split('/')
  if (CONTRACT.includes(first)) return 'contract'
  if (second === undefined) return NAMED.includes(first) ? first : 'core'
  return `${first}/${second}` in ARROWS ? `${first}/${second}` : first
}

/** What is wrong with an import, or undefined. */
function problem(file: string, { target, specifier, typesOnly }: Import): string | undefined {
  const what = `src/${file} imports '${specifier}'`
  const rule = Object.keys(IMPORTERS).find(
    (name) => target === name || (target.endsWith('.wgsl') && name === '.wgsl') || target.startsWith(`${name}/`),
  )
  if (rule !== undefined) {
    const importers = IMPORTERS[rule] as readonly string[]
    if (importers.some((importer) => file.startsWith(importer))) return undefined
    return `${what}: only src/${importers.join(', src/')} may import ${rule}.`
  }
  if (/(^|\/)testing\//.test(target)) return `${what}: that is for tests alone.`
  if (!target.endsWith('.ts')) return `${what}: give it its one importer in IMPORTERS.`
  const [from, to] = [partOf(file), partOf(target)]
  const arrows = ARROWS[from]
  if (!arrows) return `${what}: the part '${from}' has no line in ARROWS.`
  if (from === to || arrows.code.includes(to) || (typesOnly && arrows.types?.includes(to))) return undefined
  const types = arrows.types ? `, and of ${arrows.types.join(', ')} the types` : ''
  return `${what}: '${from}' may import ${arrows.code.join(', ') || 'nothing else'}${types}, but not '${to}'.`
}

/** The first circle of imports, as the files on it, or undefined. */
function circle(all: readonly Module[]): string[] | undefined {
  const targets = new Map(all.map(({ file, imports }) => [file, imports.map(({ target }) => target)]))
  const done = new Set<string>()
  function search(file: string, path: readonly string[]): string[] | undefined {
    const at = path.indexOf(file)
    if (at >= 0) return [...path.slice(at), file]
    if (done.has(file)) return undefined
    for (const target of targets.get(file) ?? []) {
      const found = search(target, [...path, file])
      if (found) return found
    }
    done.add(file)
    return undefined
  }
  for (const { file } of all) {
    const found = search(file, [])
    if (found) return found
  }
  return undefined
}

describe('imports below src/', () => {
  it('follow the arrows, and each package has one importer', () => {
    const problems = shipped.flatMap(({ file, imports }) => imports.map((each) => problem(file, each)))
    expect(problems.filter((each) => each !== undefined)).toEqual([])
    expect(shipped.length).toBeGreaterThan(80)
  })

  it('form no circle, types included', () => {
    expect(circle(modules)).toBeUndefined()
  })

  it('leave the DOM to the pages', () => {
    const readers = shipped.filter(({ file, dom }) => dom.length > 0 && !/^(demo\/|element)/.test(file))
    expect(readers.map(({ file }) => file)).toEqual(Object.keys(DOM_READERS))
  })
})

describe('the check itself', () => {
  const problems = (file: string, code: string) => readModule(file, code).imports.map((each) => problem(file, each))

  it('names file, import and rule', () => {
    expect(problems('sample.ts', "import { CpuKernels } from './kernels/cpu'")).toEqual([
      "src/sample.ts imports './kernels/cpu': 'sample' may import core, but not 'kernels'.",
    ])
    expect(problems('client/engine.ts', "import { wrap } from 'comlink'")).toEqual([
      "src/client/engine.ts imports 'comlink': only src/bridge/, src/demo/away/ may import comlink.",
    ])
    expect(problems('sample.ts', "import shader from '../shaders/noise.wgsl?raw'")).toEqual([
      "src/sample.ts imports '../shaders/noise.wgsl?raw': only src/kernels/webgpu.ts may import .wgsl.",
    ])
    expect(problems('sample.ts', "import left from 'left-pad'")[0]).toMatch(/give it its one importer/)
    expect(problems('kernels/cpu.ts', "import { expectClose } from './testing/close'")[0]).toMatch(/for tests alone/)
  })

  it('distinguishes types from code, and sees every form of import', () => {
    const file = 'client/engine.ts'
    expect(problems(file, "import type { EngineApi } from '../worker/worker'")).toEqual([undefined])
    expect(problems(file, "import { type EngineApi } from '../worker/worker'")).toEqual([undefined])
    expect(problems(file, "type Api = import('../worker/worker').EngineApi")).toEqual([undefined])
    for (const code of [
      "import { type EngineApi, other } from '../worker/worker'",
      "import '../worker/worker'",
      "export { other } from '../worker/worker'",
      "export * from '../worker/worker'",
      "const other = import('../worker/worker')",
    ]) {
      expect(problems(file, code)[0], code).toMatch(/but not 'worker'/)
    }
  })

  it('finds circles, and names of the DOM', () => {
    const module = (file: string, ...targets: string[]): Module => ({
      ...{ file, exports: [], types: [], dom: [] },
      imports: targets.map((target) => ({ target, specifier: target, typesOnly: true })),
    })
    expect(circle([module('a', 'b'), module('b', 'c'), module('c', 'b')])).toEqual(['b', 'c', 'b'])
    expect(circle([module('a', 'b', 'c'), module('b', 'c'), module('c')])).toBeUndefined()
    expect(readModule('x.ts', "document.title = ''; let a: HTMLElement; page.window; 'window'").dom).toEqual([
      'document',
      'HTMLElement',
    ])
  })
})

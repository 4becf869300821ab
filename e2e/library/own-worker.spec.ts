import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import * as esbuild from 'esbuild'
import { build } from 'vite'
import type * as Scalewise from '../../src/index'
import { type FaultServer, startServer } from '../testing/server'

/**
 * `import 'scalewise/worker'` in an app's own worker file, by bundlers that drop modules without side effects; what such a
 * bundle holds of ONNX Runtime; and what is said where that is missing.
 */

const files = {
  'index.html': '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
  'main.js': `import { createEngine } from 'scalewise'
const worker = () => new Worker(new URL('./my-worker.js', import.meta.url), { type: 'module' })
globalThis.open = (options) => createEngine({ model: '/models/tiny/', backend: 'wasm', worker, ...options })`,
  'my-worker.js': "import 'scalewise/worker'\nself.addEventListener('message', () => (self.mine = true))",
}
const runtimeFiles = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify', 'ort-wasm-simd-threaded.jspi']
const runtime = 'node_modules/onnxruntime-web/dist'

/** An app's folder, with the package installed. */
function createApp(root: string): string {
  if (!existsSync('dist-lib/index.js')) throw new Error('There is no package yet. Run `npm run build:lib` first.')
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  symlinkSync(resolve('.'), join(root, 'node_modules/scalewise'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  return root
}

async function bundleWithVite(root: string): Promise<string> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { target: 'esnext' },
    worker: { format: 'es' },
  })
  return join(root, 'dist')
}

/** It leaves `new URL` as it is: the app names its worker as an entry, and copies ONNX Runtime's files. */
async function bundleWithEsbuild(root: string): Promise<{ readonly dist: string; readonly inputs: readonly string[] }> {
  const dist = join(root, 'dist')
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['main.js', 'my-worker.js'],
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    outdir: dist,
    metafile: true,
    logLevel: 'error',
  })
  writeFileSync(join(dist, 'index.html'), files['index.html'])
  return { dist, inputs: Object.keys(metafile.inputs) }
}

interface Drawn {
  readonly colours: number
  readonly error?: string
}

async function draw(page: Page, server: FaultServer, options: Partial<Scalewise.EngineOptions> = {}): Promise<Drawn> {
  await page.goto(server.url)
  await page.waitForFunction(() => typeof globalThis.open === 'function' && !`${globalThis.open}`.includes('native'))
  return page.evaluate(async (options) => {
    const open = globalThis.open as unknown as (
      options: Partial<Scalewise.EngineOptions>,
    ) => ReturnType<typeof Scalewise.createEngine>
    try {
      const engine = await open(options)
      const { image } = await engine.generate({ prompt: 'a red apple', seed: 7, schedule: [{ size: 8, sigma: 1 }] })
      await engine.dispose()
      return { colours: new Set(image.data).size }
    } catch (error) {
      const { name, message } = error as Error
      return { colours: 0, error: `${name}: ${message}` }
    }
  }, options)
}

test('bundled by Vite: the own worker answers and draws, and three builds of ONNX Runtime are there', async ({
  page,
}, testInfo) => {
  const dist = await bundleWithVite(createApp(testInfo.outputPath('app')))
  const assets = readdirSync(join(dist, 'assets'))
  const wasm = assets.filter((name) => name.endsWith('.wasm')).map((name) => name.replace(/-[\w-]{8}\.wasm$/, ''))
  expect(wasm.sort()).toEqual(runtimeFiles)
  expect(assets.filter((name) => /^ort\.(bundle|all|min)/.test(name))).toEqual([])
  cpSync('models/tiny', join(dist, 'models/tiny'), { recursive: true })
  const server = await startServer({ root: dist })
  try {
    const drawn = await draw(page, server)
    expect(drawn.error).toBeUndefined()
    expect(drawn.colours).toBeGreaterThan(20)
  } finally {
    await server.stop()
  }
})

test('bundled by esbuild: the own worker draws once ONNX Runtime is copied; before, the missing file is named', async ({
  page,
}, testInfo) => {
  const { dist, inputs } = await bundleWithEsbuild(createApp(testInfo.outputPath('app')))
  const builds = inputs.flatMap((path) => /onnxruntime-web\/dist\/(.*)$/.exec(path)?.[1] ?? [])
  expect(builds.sort()).toEqual(['ort.jspi.bundle.min.mjs', 'ort.wasm.bundle.min.mjs', 'ort.webgpu.bundle.min.mjs'])
  cpSync('models/tiny', join(dist, 'models/tiny'), { recursive: true })
  const server = await startServer({ root: dist })
  try {
    const { url } = server
    const wasmPaths = `${url}/ort/`
    /** The file's address, and the remedy. */
    const says = (address: string) => ({
      colours: 0,
      error: expect.stringMatching(`^DownloadFailed: .*${address} .*wasmPaths`),
    })
    expect(await draw(page, server)).toEqual(says(`${url}/ort-wasm-simd-threaded\\.wasm \\(status 404\\)`))
    expect(await draw(page, server, { wasmPaths })).toEqual(says(`${url}/ort/ort-wasm-simd-threaded\\.mjs`))
    cpSync(join(runtime, 'ort-wasm-simd-threaded.mjs'), join(dist, 'ort/ort-wasm-simd-threaded.mjs'))
    expect(await draw(page, server, { wasmPaths })).toEqual(
      says(`${url}/ort/ort-wasm-simd-threaded\\.wasm \\(status 404\\)`),
    )
    const other = { wasmPaths: `${url}/mine.wasm` }
    expect(await draw(page, server, other)).toEqual(says(`${url}/mine\\.wasm \\(status 404\\)`))
    // As a host of single-page apps answers.
    const restore = server.fault(/\.wasm$/, { kind: 'html' })
    expect(await draw(page, server)).toEqual(says(`${url}/ort-wasm-simd-threaded\\.wasm`))
    restore()

    for (const name of runtimeFiles) cpSync(join(runtime, `${name}.wasm`), join(dist, `${name}.wasm`))
    expect((await draw(page, server)).colours).toBeGreaterThan(20)
  } finally {
    await server.stop()
  }
})

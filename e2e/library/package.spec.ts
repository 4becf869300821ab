import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { build } from 'vite'
import type * as Scalewise from '../../src/index'
import { worstDifference } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'

/**
 * The package as it is published, in an app that Vite bundled. `npm run size` counts the files that are named here; one
 * more that a first picture loads would be missing there.
 */

const entry = "import * as scalewise from 'scalewise'; globalThis.scalewise = scalewise"
/** As README has it. */
const elementPage = `<!doctype html><script type="module">import 'scalewise/element'</script>
<scalewise-image model="/models/tiny/" prompt="a red apple" seed="7" look="3d" backend="wasm"></scalewise-image>`
let server: FaultServer

test.beforeAll(async ({ browserName: _ }, testInfo) => {
  if (!existsSync('dist-lib/index.js')) throw new Error('There is no package yet. Run `npm run build:lib` first.')
  const root = testInfo.outputPath('app')
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  symlinkSync(resolve('.'), join(root, 'node_modules/scalewise'))
  writeFileSync(join(root, 'index.html'), `<!doctype html><script type="module">${entry}</script>`)
  writeFileSync(join(root, 'element.html'), elementPage)
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      target: 'esnext',
      rolldownOptions: { input: ['index.html', 'element.html'].map((file) => join(root, file)) },
    },
    worker: { format: 'es' },
  })
  cpSync('models/tiny', join(root, 'dist/models/tiny'), { recursive: true })
  server = await startServer({ root: join(root, 'dist') })
})

test.afterAll(async () => {
  await server.stop()
})

interface Drawn {
  readonly pixels: readonly number[]
  readonly live: number
  readonly error?: { readonly name: string; readonly message: string }
}

/** Draws on a fresh page, and says which scripts that took. */
async function draw(page: Page, backend: 'webgpu' | 'wasm'): Promise<Drawn & { readonly scripts: readonly string[] }> {
  const before = server.requests.length
  await page.goto(server.url)
  await page.waitForFunction(() => 'scalewise' in globalThis)
  const drawn = await page.evaluate(async (wanted): Promise<Drawn> => {
    const { createEngine } = (globalThis as unknown as { scalewise: typeof Scalewise }).scalewise
    try {
      const engine = await createEngine({ model: 'models/tiny/', backend: wanted })
      const { image, stats } = await engine.generate({
        prompt: 'a red apple',
        seed: 7,
        schedule: [{ size: 8, sigma: 1 }],
      })
      return { pixels: Array.from(image.data), live: stats.live }
    } catch (error) {
      const { name, message } = error as Error
      return { pixels: [], live: 0, error: { name, message } }
    }
  }, backend)
  const paths = server.requests.slice(before).map(({ path }) => path)
  const scripts = paths.flatMap((path) => /^\/assets\/(\w+).+\.js$/.exec(path)?.[1] ?? [])
  return { ...drawn, scripts: scripts.filter((name) => !forOthers.includes(name)).sort() }
}

/** For other tabs and for what is stored: fetched beside the download, and once the model is there for a later visit. */
const forOthers = [
  'announce',
  'continue',
  'held',
  'offline',
  'quota',
  'rarely',
  'read',
  'replace',
  'trouble',
  'try',
  'versions',
]

test('draws on WASM and on WebGPU, and loads the code of that one alone', async ({ page }) => {
  test.setTimeout(150_000) // A software GPU compiles for some seconds.
  // 'ort' is one build; 'rolldown', a helper of a few bytes, is shared by the builds; 'engine' by both pages; 'errors',
  // and 'waits' with code for rare needs.
  const wasm = await draw(page, 'wasm')
  expect(wasm).toMatchObject({
    live: 0,
    scripts: ['cpu', 'engine', 'errors', 'identity', 'index', 'ort', 'rolldown', 'waits', 'worker'],
  })
  expect(wasm.error).toBeUndefined()
  expect(new Set(wasm.pixels).size).toBeGreaterThan(20)

  const webgpu = await draw(page, 'webgpu')
  expect(webgpu).toMatchObject({
    live: 0,
    scripts: ['engine', 'errors', 'identity', 'index', 'ort', 'rolldown', 'waits', 'webgpu', 'worker'],
  })
  expect(webgpu.error).toBeUndefined()
  expect(worstDifference(wasm.pixels, webgpu.pixels)).toBeLessThanOrEqual(2)
})

test('a part that does not arrive: DownloadFailed with a remedy, and the next try draws', async ({ page }) => {
  const restore = server.fault(/\/cpu-platform-[^/]+\.js$/, { kind: 'refuse' })
  const { error } = await draw(page, 'wasm')
  expect(error).toEqual({
    name: 'DownloadFailed',
    message: expect.stringMatching(/part of the engine.*Check the network/),
  })
  restore()
  expect((await draw(page, 'wasm')).error).toBeUndefined()
})

test('the custom element of the package draws in a bundled page', async ({ page }) => {
  await page.goto(`${server.url}/element.html`)
  const element = page.getByRole('img', { name: 'a red apple' })
  await expect(element).toBeVisible()
  await expect(element).not.toHaveAttribute('aria-busy')
  const colours = await element.evaluate((node) => {
    const canvas = node.shadowRoot?.querySelector('canvas') as HTMLCanvasElement
    return new Set(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data).size
  })
  expect(colours).toBeGreaterThan(20)
})

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

/** First words of the names of all scripts that were asked for since then. */
function scriptsSince(before: number): string[] {
  const paths = server.requests.slice(before).map(({ path }) => path)
  return paths.flatMap((path) => /^\/assets\/(\w+).+\.js$/.exec(path)?.[1] ?? []).sort()
}

interface Fetched {
  /** Until the engine is ready. */
  readonly scripts: readonly string[]
  /** While it draws, and after that. */
  readonly later: () => readonly string[]
}

async function draw(page: Page, backend: 'webgpu' | 'wasm'): Promise<Drawn & Fetched> {
  const before = server.requests.length
  await page.goto(server.url)
  await page.waitForFunction(() => 'scalewise' in globalThis)
  const error = await page.evaluate(async (wanted) => {
    const { createEngine } = (globalThis as unknown as { scalewise: typeof Scalewise }).scalewise
    try {
      const engine = await createEngine({ model: 'models/tiny/', backend: wanted })
      return void Object.assign(globalThis, { engine })
    } catch (error) {
      const { name, message } = error as Error
      return { name, message }
    }
  }, backend)
  // What nobody waits for would come by now, too.
  await page.waitForTimeout(500)
  const scripts = scriptsSince(before)
  const ready = server.requests.length
  const later = () => scriptsSince(ready)
  if (error) return { pixels: [], live: 0, error, scripts, later }
  const drawn = await page.evaluate(async () => {
    const { engine } = globalThis as unknown as { engine: Scalewise.Engine }
    const request = { prompt: 'a red apple', seed: 7, schedule: [{ size: 8, sigma: 1 }] } as const
    const { image, stats } = await engine.generate(request)
    return { pixels: Array.from(image.data), live: stats.live }
  })
  return { ...drawn, scripts, later }
}

/** For a visit without a network: fetched once the picture is there. */
const forLaterVisits = ['continue', 'held', 'offline', 'quota', 'read', 'read', 'replace', 'trouble', 'try', 'versions']

test('draws on WASM and on WebGPU, and a first visit loads the code of that one alone', async ({ page, browser }) => {
  test.setTimeout(150_000) // A software GPU compiles for some seconds.
  // 'ort' is one build; 'rolldown', a helper of a few bytes, is shared by the builds; 'engine' by both pages; 'errors',
  // and 'waits' with code for rare needs.
  const wasm = await draw(page, 'wasm')
  expect(wasm.error).toBeUndefined()
  expect(wasm).toMatchObject({
    live: 0,
    scripts: ['cpu', 'engine', 'errors', 'index', 'ort', 'rolldown', 'waits', 'worker'],
  })
  expect(new Set(wasm.pixels).size).toBeGreaterThan(20)
  await expect.poll(wasm.later).toEqual(forLaterVisits)

  // Of its own context: nothing is stored.
  const other = await browser.newPage()
  const webgpu = await draw(other, 'webgpu')
  expect(webgpu.error).toBeUndefined()
  expect(webgpu).toMatchObject({
    live: 0,
    scripts: ['engine', 'errors', 'index', 'ort', 'rolldown', 'waits', 'webgpu', 'worker'],
  })
  expect(worstDifference(wasm.pixels, webgpu.pixels)).toBeLessThanOrEqual(2)
  await expect.poll(webgpu.later).toEqual(forLaterVisits)
  await other.close()
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

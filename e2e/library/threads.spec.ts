import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { build } from 'vite'
import type * as Scalewise from '../../src/index'
import { startServer } from '../testing/server'

/**
 * Threads of the WASM backend, by the two ways in which a bundler packs a worker: with the runtime in a file of its own, and
 * with everything in one file, which then is the script of the threads, too. Isolated and not: the same picture to the bit.
 */

const entry = "import * as scalewise from 'scalewise'; globalThis.scalewise = scalewise"
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const pictures = new Set<string>()

async function buildApp(root: string, format: 'es' | 'iife'): Promise<string> {
  if (!existsSync('dist-lib/index.js')) throw new Error('There is no package yet. Run `npm run build:lib` first.')
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  symlinkSync(resolve('.'), join(root, 'node_modules/scalewise'))
  writeFileSync(join(root, 'index.html'), `<!doctype html><script type="module">${entry}</script>`)
  await build({ root, configFile: false, logLevel: 'error', build: { target: 'esnext' }, worker: { format } })
  cpSync('models/emoji', join(root, 'dist/models/emoji'), { recursive: true })
  return join(root, 'dist')
}

async function drawn(page: Page) {
  await page.waitForFunction(() => 'scalewise' in globalThis)
  return page.evaluate(async () => {
    const { createEngine, probe } = (globalThis as unknown as { scalewise: typeof Scalewise }).scalewise
    const engine = await createEngine({ model: 'models/emoji/', backend: 'wasm' })
    const { image, backend, stats } = await engine.generate({ prompt: 'a red apple', seed: 7 })
    const { threads, reasons } = await probe()
    await engine.dispose()
    return { data: Array.from(image.data), backend, live: stats.live, threads, reasons: reasons.join(' ') }
  })
}

for (const format of ['es', 'iife'] as const) {
  test(`a worker packed as ${format}: threads where the page is isolated, none elsewhere, one picture`, async ({
    page,
  }, testInfo) => {
    test.setTimeout(120_000)
    const root = await buildApp(testInfo.outputPath('app'), format)
    for (const headers of [{}, isolation]) {
      const server = await startServer({ root, headers })
      try {
        await page.goto(server.url)
        const { data, backend, live, threads, reasons } = await drawn(page)
        const isolated = headers === isolation
        const wanted = isolated ? threads.isolated : 1
        expect(threads.isolated).toBe(
          availableParallelism() > 1 ? Math.min(4, Math.max(2, availableParallelism() - 1)) : 1,
        )
        expect(backend).toMatchObject({ name: 'wasm', threads: wanted })
        expect(threads.used).toBe(wanted)
        expect(reasons.includes('Cross-Origin-Embedder-Policy')).toBe(wanted < threads.isolated)
        expect(live).toBe(0)
        pictures.add(createHash('sha256').update(Uint8Array.from(data)).digest('hex'))
      } finally {
        await server.stop()
      }
    }
    expect(pictures.size).toBe(1)
  })
}

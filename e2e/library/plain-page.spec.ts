import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import type * as Scalewise from '../../src/index'
import { pageErrors, worstDifference } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'

/**
 * The build for pages without a bundler, dist-lib/page, from the page's own origin and from another one, as README has it:
 * no import map, no bundler, and with the policy that README names for it.
 */

const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
let library: FaultServer
let root: string

test.beforeAll(async ({ browserName: _ }, testInfo) => {
  if (!existsSync('dist-lib/page/scalewise.js'))
    throw new Error('There is no package yet. Run `npm run build:lib` first.')
  root = testInfo.outputPath('page')
  mkdirSync(root, { recursive: true })
  cpSync('dist-lib/page', join(root, 'scalewise'), { recursive: true })
  cpSync('models/tiny', join(root, 'models/tiny'), { recursive: true })
  library = await startServer({ root: 'dist-lib/page', cors: true })
  for (const [name, folder] of [
    ['own', '/scalewise'],
    ['other', library.url],
  ]) {
    const script = `import * as scalewise from '${folder}/scalewise.js'\nglobalThis.scalewise = scalewise\n`
    writeFileSync(join(root, `${name}.js`), script)
    writeFileSync(
      join(root, `${name}.html`),
      `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/${name}.js"></script>
<script type="module" src="${folder}/element.js"></script>
<scalewise-image model="/models/tiny/" seed="7" backend="wasm"></scalewise-image>`,
    )
  }
})

test.afterAll(() => library.stop())

/** As README has it for a library on `origin`. */
function policy(origin?: string): Readonly<Record<string, string>> {
  const others = origin ? ` ${origin}` : ''
  const blobs = origin ? ' blob:' : ''
  return {
    'content-security-policy':
      `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'${others}${blobs}; worker-src 'self'${blobs}${others}; ` +
      `connect-src 'self'${others}; img-src 'self' blob: data:; style-src 'self'; object-src 'none'; base-uri 'none'`,
  }
}

interface Drawn {
  readonly pixels: readonly number[]
  readonly threads: number
  readonly backend: string
}

async function draw(page: Page, backend: 'webgpu' | 'wasm'): Promise<Drawn> {
  await page.waitForFunction(() => 'scalewise' in globalThis)
  return page.evaluate(async (wanted) => {
    const { createEngine } = (globalThis as unknown as { scalewise: typeof Scalewise }).scalewise
    const engine = await createEngine({ model: 'models/tiny/', backend: wanted })
    const request = { prompt: 'a red apple', seed: 7, schedule: [{ size: 8, sigma: 1 }] } as const
    const { image, backend } = await engine.generate(request)
    await engine.dispose()
    return { pixels: Array.from(image.data), threads: backend.threads ?? 1, backend: backend.name }
  }, backend)
}

/** Names of the library's files that were asked for, without the hashes in them. */
function files(server: FaultServer): string[] {
  return server.requests.map(({ path }) => path.replace(/^.*\//, ''))
}

for (const where of ['own', 'other'] as const) {
  test(`from ${where === 'own' ? "the page's own" : 'another'} origin: draws on WASM and on WebGPU under a policy`, async ({
    page,
  }) => {
    test.setTimeout(150_000) // A software GPU compiles for some seconds.
    const errors = pageErrors(page)
    const server = await startServer({ root, headers: policy(where === 'other' ? library.url : undefined) })
    try {
      const source = where === 'own' ? server : library
      source.requests.length = 0
      await page.goto(`${server.url}/${where}.html`)
      const wasm = await draw(page, 'wasm')
      expect(wasm).toMatchObject({ backend: 'wasm', threads: 1 })
      expect(new Set(wasm.pixels).size).toBeGreaterThan(20)
      expect(files(source)).toContain('ort-wasm-simd-threaded.wasm')
      expect(files(source).filter((name) => /jspi|asyncify/.test(name))).toEqual([])
      const webgpu = await draw(page, 'webgpu')
      expect(webgpu.backend).toBe('webgpu')
      expect(worstDifference(wasm.pixels, webgpu.pixels)).toBeLessThanOrEqual(2)
      expect(files(source)).toContain('ort-wasm-simd-threaded.jspi.wasm')

      await page.locator('scalewise-image').evaluate((node) => node.setAttribute('prompt', 'a red apple'))
      const element = page.getByRole('img', { name: 'a red apple' })
      await expect(element).toBeVisible()
      await expect(element).not.toHaveAttribute('aria-busy')
      const shown = await element.evaluate((node) => {
        const canvas = node.shadowRoot?.querySelector('canvas') as HTMLCanvasElement
        return {
          colours: new Set(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data).size,
          // Of the element's own style.
          width: node.getBoundingClientRect().width,
        }
      })
      expect(shown.width).toBe(256)
      expect(shown.colours).toBeGreaterThan(20)
      expect(errors).toEqual([])
    } finally {
      await server.stop()
    }
  })

  test(`from ${where === 'own' ? "the page's own" : 'another'} origin, isolated: the same picture on its threads`, async ({
    page,
  }) => {
    const origin = where === 'other' ? library.url : undefined
    const server = await startServer({ root, headers: { ...isolation, ...policy(origin) } })
    const plain = await startServer({ root })
    try {
      await page.goto(`${plain.url}/${where}.html`)
      const one = await draw(page, 'wasm')
      await page.goto(`${server.url}/${where}.html`)
      const several = await draw(page, 'wasm')
      const cores = await page.evaluate(() => navigator.hardwareConcurrency)
      expect(one.threads).toBe(1)
      expect(several.threads > 1).toBe(cores > 1)
      expect(several.pixels).toEqual(one.pixels)
    } finally {
      await Promise.all([server.stop(), plain.stop()])
    }
  })
}

test('from another origin that does not allow it: WorkerCrashed, not silence', async ({ page }) => {
  const server = await startServer({ root })
  const restore = library.fault('/worker.js', { kind: 'status', status: 404 })
  try {
    await page.goto(`${server.url}/other.html`)
    const failed = await draw(page, 'wasm').catch((error: Error) => error.message)
    expect(failed).toMatch(/worker stopped.*its script could not be loaded/)
  } finally {
    restore()
    await server.stop()
  }
})

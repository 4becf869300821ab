import { chromium, expect, type Page, test } from '@playwright/test'
import { draw, expectState, framePixels, pageErrors, site, source, worstDifference } from '../testing/pages'

/** Real WebGPU; where there is no GPU, Chromium's software one. A machine with neither fails these tests. */

// A software GPU compiles the shaders of three graphs for every size they meet: 15 s alone, and slower in company.
test.setTimeout(150_000)

test('the page draws on WebGPU', async ({ page }) => {
  const errors = pageErrors(page)
  await page.goto(site({ backend: 'webgpu' }))
  await expectState(page, 'ready')
  await expect(page.locator('body')).toHaveAttribute('data-backend', 'webgpu')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(4)
  const picture = await framePixels(page)
  expect(picture.width).toBe(128)
  expect(new Set(picture.data).size).toBeGreaterThan(20)
  expect(errors).toEqual([])
})

test.describe('the library', () => {
  test.describe.configure({ mode: 'serial' })
  let page: Page

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(150_000)
    page = await browser.newPage()
    await page.goto(`${source}/e2e/testing/harness.html`)
    await page.waitForFunction(() => 'scalewise' in window)
    await page.evaluate(async () => {
      window.engine = await window.scalewise.createEngine({ model: '/models/tiny/', backend: 'webgpu' })
    })
  })

  test.afterAll(async () => {
    await page.close()
  })

  test('reads back once a picture, frees every latent, and draws what WASM draws', async () => {
    const { webgpu, again, wasm, stats, backend } = await page.evaluate(async () => {
      const request = {
        prompt: 'a red apple',
        seed: 7,
        schedule: [
          { size: 8, sigma: 1 },
          { size: 12, sigma: 0.7 },
        ],
      } as const
      const one = await window.engine.generate(request)
      const two = await window.engine.generate(request)
      const other = await window.scalewise.createEngine({ model: '/models/tiny/', backend: 'wasm' })
      const three = await other.generate(request)
      await other.dispose()
      const [webgpu, again, wasm] = [one, two, three].map(({ image }) => Array.from(image.data))
      return { webgpu, again, wasm, stats: one.stats, backend: one.backend.name }
    })
    expect(backend).toBe('webgpu')
    expect(stats.readbacks).toBe(1)
    expect(stats.live).toBe(0)
    expect(stats.dispatches).toBeGreaterThan(0)
    expect(again).toEqual(webgpu)
    expect(worstDifference(webgpu ?? [], wasm ?? [])).toBeLessThanOrEqual(2)
  })

  test('frees every latent after an abort and after an error', async () => {
    const { aborted, failed, stats } = await page.evaluate(async () => {
      const stop = new AbortController()
      const aborted = await window.failure(
        window.engine.generate({ prompt: 'a fox', signal: stop.signal, onScale: () => stop.abort() }),
      )
      const failed = await window.failure(
        window.engine.generate({
          prompt: 'a fox',
          onScale: () => {
            throw new RangeError('from the listener')
          },
        }),
      )
      const { stats } = await window.engine.generate({ prompt: 'a fox', schedule: [{ size: 8, sigma: 1 }] })
      return { aborted, failed, stats }
    })
    expect(aborted.name).toBe('AbortError')
    expect(failed.name).toBe('RangeError')
    expect(stats.live).toBe(0)
    expect(stats.readbacks).toBe(1)
  })
})

test('without an adapter, WebGPU that was asked for is an error with a remedy, and WASM still draws', async ({
  baseURL,
}) => {
  const { executablePath, args = [] } = test.info().project.use.launchOptions ?? {}
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [...args.filter((arg) => arg !== '--enable-unsafe-webgpu'), '--disable-features=WebGPU'],
  })
  try {
    const page = await browser.newPage({ ...(baseURL !== undefined && { baseURL }) })
    await page.goto(site({ backend: 'webgpu' }))
    await expectState(page, 'error')
    await expect(page.getByTestId('failure')).toHaveAttribute('data-name', 'NoWebGPU')
    await expect(page.getByTestId('failure')).toContainText('WASM backend')
    await page.getByTestId('backend').selectOption('wasm')
    await expectState(page, 'ready')
    await expect(page.getByTestId('failure')).toBeHidden()
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    await page.goto(site({ backend: 'auto' }))
    await expectState(page, 'ready')
    await expect(page.locator('body')).toHaveAttribute('data-backend', 'wasm')
  } finally {
    await browser.close()
  }
})

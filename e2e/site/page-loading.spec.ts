import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { bytes } from '../../src/demo/shared/words'
import { expectState, site } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'
import { tinyBytes } from '../testing/tiny'

/** What the loading panel says of a download that does not simply run through. */
const denoiser = '/models/tiny/denoiser.onnx'
const whole = bytes(tinyBytes('denoiser.onnx'))
let server: FaultServer

test.beforeEach(async () => {
  server = await startServer()
})

test.afterEach(async () => {
  await server.stop()
})

test('a server that stumbles: the panel says when it tries again, and it does', async ({ page }) => {
  server.fault(denoiser, { kind: 'status', status: 503 }, 3)
  await page.goto(server.url + site())
  await expect(page.getByTestId('loading')).toContainText(/denoiser\.onnx.*connection lost, again in [\d.]+ m?s/)
  await expectState(page, 'ready')
})

test('the second tab says that the first one downloads', async ({ page, context }) => {
  const restore = server.fault(denoiser, { kind: 'slow', bytesPerSecond: 5_000 })
  await page.goto(server.url + site())
  await expect(page.getByTestId('loading')).toContainText(new RegExp(String.raw`denoiser\.onnx\d+ kB of ${whole}`))
  const other = await context.newPage()
  await other.goto(server.url + site())
  await expect(other.getByTestId('loading')).toContainText(
    new RegExp(String.raw`denoiser\.onnx\d+ kB of ${whole}, by another tab`),
  )
  restore()
  await page.close() // The second tab takes over.
  await expectState(other, 'ready')
})

test('what an interrupted visit left is said to be kept', async ({ page }) => {
  const restore = server.fault(denoiser, { kind: 'slow', bytesPerSecond: 5_000 })
  await page.goto(server.url + site())
  await expect(page.getByTestId('loading')).toContainText(new RegExp(String.raw`denoiser\.onnx[1-9]\d kB of ${whole}`))
  // A lost connection leaves what has come; closing the page without one may leave less.
  await server.stop()
  await expect(page.getByTestId('loading')).toContainText('connection lost')
  restore()
  server.fault(denoiser, { kind: 'slow', bytesPerSecond: 100_000 })
  await server.restart()
  await page.reload()
  await expect(page.getByTestId('loading')).toContainText(
    new RegExp(String.raw`denoiser\.onnx\d+ kB of ${whole}, [1-9]\d kB kept from before`),
  )
  await expectState(page, 'ready')
  await expect(page.getByTestId('warnings')).toBeEmpty() // It did not start over.
})

test('the page’s own code is small: what comes before it is ready, the engine’s worker left out', async ({ page }) => {
  await page.goto(`${server.url}/?backend=wasm`) // The built-in model: of others it is asked first how large they are.
  await expectState(page, 'ready')
  const own = await page.evaluate(async () => {
    const resources = performance.getEntriesByType('resource').map(({ name }) => name)
    const files = [...new Set(resources)].filter((name) => /\/assets\/(?!worker-)[^?]+\.(js|css)$/.test(name))
    return Promise.all([location.href, ...files].map(async (name) => [name, await (await fetch(name)).text()] as const))
  })
  const sizes = own.map(([name, text]) => [new URL(name).pathname, gzipSync(text, { level: 9 }).length] as const)
  const sum = sizes.reduce((before, [, size]) => before + size, 0)
  expect(sizes.length).toBeGreaterThan(5)
  expect(sum, JSON.stringify(sizes)).toBeLessThanOrEqual(60_000)
})

test('a link to a model that is not there leads back to the built-in one, with its words', async ({ page }) => {
  await page.goto('/?model=nowhere/manifest.json&backend=wasm#prompt=a+red+apple&seed=7')
  await expectState(page, 'error')
  await page.getByRole('link', { name: 'Use the built-in model' }).click()
  await expectState(page, 'done')
  await expect(page.getByTestId('about')).toContainText('Emoji nano')
  await expect(page.getByTestId('status')).toContainText('Seed 7.')
  await expect(page.getByTestId('built-in')).toBeHidden()
})

import { expect, test } from '@playwright/test'
import { pageErrors } from '../testing/pages'
import { startServer } from '../testing/server'

const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
  "img-src 'self' blob: data:; style-src 'self'; object-src 'none'; base-uri 'none'"
const address = '/bench.html?model=models/tiny/manifest.json&backend=wasm'

test('the page of figures shows the committed ones and measures its own, under the strict policy', async ({ page }) => {
  test.slow() // Some hundred pictures.
  const server = await startServer({ headers: { 'content-security-policy': policy } })
  const errors = pageErrors(page)
  try {
    await page.goto(server.url + address)
    const pairs = page.getByTestId('pairs')
    await expect(pairs.getByRole('row')).toHaveCount(3)
    await expect(page.getByTestId('targets').getByRole('row').first()).toContainText('Target')
    await expect(page.getByTestId('targets')).toContainText('scale-wise speed-up')
    const lines = page.getByTestId('growth').locator('path.line')
    await expect(lines).toHaveCount(2)

    await page.getByTestId('measure').click()
    await expect(page.getByTestId('measure-status')).toContainText(/Done in \d+ s\. WASM was asked for/, {
      timeout: 150_000,
    })
    await expect(pairs.getByRole('row')).toHaveCount(6)
    await expect(pairs.getByRole('row', { name: 'here' }).first()).toContainText(/\d\.\d\d of 1\.\d\d/)
    await expect(lines).toHaveCount(3)
    expect(errors).toEqual([])
  } finally {
    await server.stop()
  }
})

test('measuring can be stopped, and begun again', async ({ page }) => {
  await page.goto(address)
  for (let times = 0; times < 2; times++) {
    await page.getByTestId('measure').click()
    await expect(page.getByTestId('measure-status')).toHaveText('Measuring.')
    await page.getByTestId('stop').click()
    await expect(page.getByTestId('measure-status')).toHaveText('Stopped.')
    await expect(page.getByTestId('stop')).toBeHidden()
  }
})

test('a narrow window holds it without scrolling sideways, and the drawing page links to it', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto('/?model=models/tiny/manifest.json&backend=wasm')
  await page.getByRole('link', { name: 'Its figures, for engineers' }).click()
  await expect(page.getByTestId('targets')).toContainText('scale-wise speed-up')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
})

import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { draw, expectState, pageErrors, site } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'

const notice = {
  title: 'Terms of kindness',
  text: `<b>Be kind.</b>\n${'So be it. '.repeat(400)}`,
  url: 'https://example.com/terms',
  accept: true,
}
let server: FaultServer
let withoutTerms: () => void

test.beforeEach(async () => {
  server = await startServer()
  const body = Buffer.from(JSON.stringify({ ...JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')), notice }))
  withoutTerms = server.fault('/models/tiny/manifest.json', { kind: 'replace', body })
})
test.afterEach(() => server.stop())

test('a model with terms is loaded once they are accepted, and they are asked for no more', async ({ page }) => {
  const errors = pageErrors(page)
  await page.goto(server.url + site())
  await expectState(page, 'error')
  await expect(page.getByRole('heading', { name: notice.title })).toBeFocused()
  await expect(page.getByTestId('terms-text')).toHaveValue(notice.text)
  await expect(page.getByTestId('terms-needs')).toContainText(/^\d+ kB to download, about [\d.]+ MB of memory\. /)
  await expect(page.getByRole('link', { name: 'The whole terms' })).toHaveAttribute('href', notice.url)
  await expect(page.getByTestId('failure')).toBeHidden()
  expect(server.requests.filter(({ path }) => path.endsWith('.onnx'))).toEqual([])

  await page.getByTestId('terms-accept').click()
  await expectState(page, 'ready')
  await expect(page.getByTestId('terms')).toBeHidden()
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  await page.reload() // The address holds the drawing: it is drawn again.
  await expectState(page, 'done')
  expect(errors).toEqual([])
})

test('the terms fit narrow pages, and lead back to the built-in model', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 })
  await page.goto(server.url + site())
  await expectState(page, 'error')
  for (const part of ['terms-accept', 'terms-text'] as const) {
    await expect(page.getByTestId(part)).toBeInViewport({ ratio: 0.9 })
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await expect(page.getByRole('link', { name: 'Use the built-in model' })).toHaveAttribute('href', './')
})

test('a large model without terms is not downloaded unasked', async ({ page }) => {
  withoutTerms()
  const manifest = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8'))
  manifest.files.find(({ path }: { path: string }) => path === 'denoiser.onnx').bytes = 300_000_000
  server.fault('/models/tiny/manifest.json', { kind: 'replace', body: Buffer.from(JSON.stringify(manifest)) })
  const weights = () => server.requests.filter(({ path }) => path.endsWith('.onnx')).length
  await page.goto(server.url + site())
  await expect(page.getByRole('heading', { name: 'A large model' })).toBeFocused()
  await expect(page.getByTestId('terms-needs')).toContainText(/^[\d.]+ MB to download, about [\d.]+ MB of memory\. /)
  await expect(page.getByTestId('terms-text')).toBeHidden()
  await expect(page.getByTestId('failure')).toBeHidden()
  expect(weights()).toBe(0)
  await page.getByRole('button', { name: 'Download and load' }).click()
  await expect(page.getByTestId('terms')).toBeHidden()
  await expect.poll(weights).toBeGreaterThan(0)
})

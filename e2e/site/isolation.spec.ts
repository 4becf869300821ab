import { expect, test } from '@playwright/test'
import { draw, expectState, framePixels, pageErrors, site } from '../testing/pages'
import { startServer } from '../testing/server'
import { visit } from '../testing/visit'

/** A static host that sends no headers of its own: the service worker isolates the page. */
test.use({ serviceWorkers: 'allow' })

test('from the second visit on the page is isolated, and draws the same picture', async ({ page }) => {
  const server = await startServer()
  const errors = pageErrors(page)
  try {
    await visit(page, server)
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    const first = await framePixels(page)
    const hash = new URL(page.url()).hash

    const other = await page.context().newPage()
    await other.goto(server.url + site({ hash }))
    await expectState(other, 'done')
    expect(await other.evaluate(() => crossOriginIsolated)).toBe(true)
    expect(await framePixels(other)).toEqual(first)
    expect(errors).toEqual([])
  } finally {
    await server.stop()
  }
})

test('an isolated page draws with a model of another origin that allows it by CORS', async ({ page }) => {
  const server = await startServer()
  const elsewhere = await startServer({ cors: true })
  try {
    await visit(page, server)
    await page.goto(server.url + site({ model: `${elsewhere.url}/models/tiny/manifest.json` }))
    await expectState(page, 'ready')
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await draw(page, 'a red apple')
    await expectState(page, 'done')
  } finally {
    await server.stop()
    await elsewhere.stop()
  }
})

test('the isolated page can still be embedded in a page of another origin, and draws there', async ({ page }) => {
  const server = await startServer()
  const host = await startServer()
  try {
    await visit(page, server)
    // localhost is another site than 127.0.0.1: the frame is what a blog would embed. Our pages' policy allows no frames.
    await page.goto(`${host.url.replace('127.0.0.1', 'localhost')}/licences.txt`)
    await page.evaluate((src) => {
      const frame = document.createElement('iframe')
      frame.src = src
      document.body.replaceChildren(frame)
    }, server.url + site())
    const frame = page.frameLocator('iframe')
    await expect(frame.locator('body')).toHaveAttribute('data-state', 'ready')
    await frame.getByTestId('prompt').fill('a red apple')
    await frame.getByTestId('prompt').press('Enter')
    await expect(frame.locator('body')).toHaveAttribute('data-state', 'done')
  } finally {
    await server.stop()
    await host.stop()
  }
})

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { headerPolicy } from '../../scripts/policy'
import { expectClean } from '../testing/axe'
import { pageErrors, weightRequests } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'
import { goOffline, visit } from '../testing/visit'

/** The documents in the built site, below another path and under the policy that hosts send. */

const dist = process.env.SITE_DIR ?? 'dist'
const files = existsSync(`${dist}/docs`)
  ? readdirSync(`${dist}/docs`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  : []
let server: FaultServer
let docs: string

test.beforeAll(async ({ browserName: _ }, testInfo) => {
  if (files.length === 0) throw new Error('The site has no documents. Run `npm run docs`, then `npm run build`.')
  const root = testInfo.outputPath('host')
  mkdirSync(join(root, 'deep'), { recursive: true })
  symlinkSync(resolve(dist), join(root, 'deep', 'app'), 'dir')
  server = await startServer({ root, headers: { 'content-security-policy': headerPolicy() } })
  docs = `${server.url}/deep/app/docs/`
})

test.afterAll(() => server.stop())

test('every page comes up without an error, and every link of the site leads somewhere', async ({ page }) => {
  test.slow()
  const errors = pageErrors(page)
  const links = new Map<string, string>()
  const anchors = new Set<string>()
  for (const file of files) {
    await page.goto(docs + file)
    await expect(page.getByRole('searchbox'), file).toBeVisible()
    const { hrefs, ids } = await page.evaluate(() => ({
      hrefs: [...document.querySelectorAll<HTMLAnchorElement>('a[href]')].map((link) => link.href),
      ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
    }))
    anchors.add(docs + file)
    for (const id of ids) anchors.add(`${docs + file}#${encodeURI(id)}`)
    for (const href of hrefs) if (href.startsWith(server.url)) links.set(href, file)
    expect(errors, file).toEqual([])
  }
  expect(links.size).toBeGreaterThan(150)
  const outside = [...links].filter(([href]) => !href.startsWith(docs))
  for (const [href] of outside) expect((await page.request.get(href)).status(), href).toBe(200)
  const dead = [...links].filter(([href]) => href.startsWith(docs) && !anchors.has(href) && href !== docs)
  expect(dead).toEqual([])
})

test('the example in the page draws, and fetches nothing of a model before that', async ({ page }) => {
  test.slow()
  const errors = pageErrors(page)
  const weights = weightRequests(page)
  await page.goto(`${docs}live.html`)
  const example = page.locator('[data-live="element"]')
  await page.waitForFunction(() => customElements.get('scalewise-image'))
  expect(weights).toEqual([])
  await example.getByRole('button', { name: 'Draw it' }).click()
  await expect(example.getByRole('status')).toContainText(/^Drawn in \d+ ms on the processor/, { timeout: 60_000 })
  expect(await shades(page)).toBeGreaterThan(500)
  await page.locator('[data-live="probe"]').getByRole('button', { name: 'Run it' }).click()
  await expect(page.locator('[data-live="probe"] pre')).toContainText('"verdict"')
  expect(errors).toEqual([])
})

function shades(page: Page): Promise<number> {
  return page.locator('scalewise-image').evaluate((element) => {
    const canvas = element.shadowRoot?.querySelector('canvas')
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
    return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size
  })
}

test('search finds an error by its name, without a network', async ({ page }) => {
  await page.goto(docs)
  await expect(page.getByRole('searchbox')).toBeVisible()
  await page.context().setOffline(true)
  await page.getByRole('searchbox').fill('WorkerCra')
  const found = page.getByRole('region', { name: 'Found' })
  await expect(found.getByRole('link', { name: 'Errors', exact: true })).toHaveAttribute('href', `${docs}errors.html`)
  await page.getByRole('searchbox').fill('zzzz')
  await expect(found).toContainText('Nothing has “zzzz”')
  await page.keyboard.press('Escape')
  await expect(found).toBeHidden()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe-core finds nothing, in ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme })
    for (const file of ['index.html', 'live.html', 'storage.html', 'errors.html', 'api/scalewise.html']) {
      await page.goto(docs + file)
      await expect(page.getByRole('searchbox')).toBeVisible()
      await expectClean(page, file)
    }
  })
}

test.describe('with the service worker', () => {
  test.use({ serviceWorkers: 'allow' })

  test('the demo leads to the documents, which it does not store', async ({ page }) => {
    const own = await startServer()
    try {
      await visit(page, own)
      await page.reload()
      await page.getByRole('link', { name: 'Use it in your own app' }).click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Text to image in a browser tab')
      const stored = await page.evaluate(async () => {
        const requests = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
        return requests.flat().map(({ url }) => url)
      })
      expect(stored.length).toBeGreaterThan(50)
      expect(stored.filter((url) => url.includes('/docs/'))).toEqual([])
      await goOffline(page, own)
      await expect(page.goto(`${own.url}/docs/errors.html`)).rejects.toThrow(/ERR_INTERNET_DISCONNECTED/)
    } finally {
      await own.stop()
    }
  })
})

test('no page has a script or a style of its own in it, which the policy would refuse', () => {
  for (const file of files) {
    const html = readFileSync(`${dist}/docs/${file}`, 'utf8')
    expect(html, file).toContain('http-equiv="Content-Security-Policy"')
    expect(html, file).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle="|\son\w+="/)
  }
})

import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'
import { draw, expectState, pageErrors, site } from '../testing/pages'

/** What an address may ask for while the page is open, and addresses that make no sense. */

test('a link opened in the loaded page fills the form, and the form is heard afterwards', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  await page.evaluate(() => {
    location.hash = '#prompt=a+fox&schedule=quick&style=3d'
  })
  await expectState(page, 'done')
  await expect(page.getByTestId('schedule')).toHaveValue('quick')
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(2)
  await page.getByTestId('schedule').selectOption('default')
  await page.getByTestId('style').selectOption('')
  await draw(page, 'a fox')
  await expect(page).toHaveURL(/schedule=default/)
  await expectState(page, 'done')
  expect(page.url()).not.toContain('style=')
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(4)
})

for (const name of ['constructor', '__proto__', 'no-such-schedule']) {
  test(`a link that names the schedule and the style ${name} draws with the model's own`, async ({ page }) => {
    const errors = pageErrors(page)
    await page.goto(site({ hash: `#prompt=a+fox&schedule=${name}&style=${name}` }))
    await expectState(page, 'done')
    await expect(page.getByTestId('schedule')).toHaveValue('default')
    await page.evaluate((hash) => {
      location.hash = hash
    }, `#prompt=a+cat&schedule=${name}`)
    await expect(page).toHaveURL(/prompt=a\+cat&.*schedule=default/)
    await expectState(page, 'done')
    expect(errors).toEqual([])
  })
}

test('a link opened while it draws is drawn next', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  await page.getByRole('radio', { name: '4' }).check()
  await draw(page, 'a fox')
  await page.evaluate(() => {
    location.hash = '#prompt=two+cats&seed=5&count=1'
  })
  await expect(page).toHaveURL(/prompt=two\+cats/)
  await expect(page.getByTestId('status')).toContainText('Seed 5.')
  await expectState(page, 'done')
})

test('another backend while it draws: the page says that it loads, not that it was cancelled', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  const states = await page.evaluateHandle(() => {
    const seen: (string | undefined)[] = []
    new MutationObserver(() => seen.push(document.body.dataset.state)).observe(document.body, { attributes: true })
    return seen
  })
  await page.getByRole('radio', { name: '4' }).check()
  await draw(page, 'a fox')
  await expectState(page, 'drawing')
  await page.getByTestId('backend').selectOption('auto')
  await expectState(page, 'ready')
  const seen = await states.jsonValue()
  expect(seen).not.toContain('cancelled')
  expect(seen.at(-1)).toBe('ready')
})

for (const path of ['/', '/bench.html']) {
  test(`${path}?model= with no address says so`, async ({ page }) => {
    const errors = pageErrors(page)
    await page.goto(`${path}?model=https://`)
    const words = path === '/' ? page.getByTestId('failure') : page.locator('#measure-status')
    await expect(words).toContainText('?model=https:// is not an address')
    expect(errors).toEqual([])
  })
}

test('without a clipboard Copy link says what to do instead', async ({ page }) => {
  await page.addInitScript(() => {
    // As on a page that came by plain HTTP.
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
  })
  await page.goto(site({ hash: '#prompt=a+fox' }))
  await expectState(page, 'done')
  await page.getByTestId('link').click()
  await expect(page.getByTestId('status')).toContainText('The link is in the address bar')
})

test('a browser that refuses to copy is spoken for: Copy says what to do instead', async ({ page }) => {
  await page.goto(site({ hash: '#prompt=a+fox' }))
  await expectState(page, 'done')
  await page.getByTestId('copy').click() // No test is allowed to, unless it asks.
  await expect(page.getByTestId('status')).toContainText('Drag it or save it instead.')
})

test('the page opened as a file says that it needs a server', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'scalewise-'))
  copyFileSync('dist/index.html', join(folder, 'index.html'))
  await page.goto(pathToFileURL(join(folder, 'index.html')).href)
  await expect(page.locator('#not-started')).toBeVisible()
  await page.goto(site())
  await expect(page.locator('#not-started')).toHaveCount(0)
})

test('an address that does not exist is answered with 404', async ({ page }) => {
  expect((await page.goto('/no/such/page/'))?.status()).toBe(404)
})

import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { expectClean } from '../testing/axe'
import { draw, expectState, site } from '../testing/pages'

/** Every state of the page before axe-core, in each kind of colours. That of a new version: pwa-update.spec.ts. */
const colours = [
  { name: 'light', colorScheme: 'light', forcedColors: 'none' },
  { name: 'dark', colorScheme: 'dark', forcedColors: 'none' },
  { name: 'forced colours', colorScheme: 'dark', forcedColors: 'active' },
] as const

for (const { name, ...media } of colours) {
  test(`no state has anything that axe-core finds, in ${name}`, async ({ page }) => {
    test.slow()
    await page.emulateMedia(media)
    await page.goto(site({ model: 'models/emoji/manifest.json' }))
    await expectState(page, 'loading')
    await expect(page.getByRole('button', { name: 'Surprise me' })).toBeVisible()
    await expectClean(page, 'loading')
    await page.getByTestId('prompt').fill('a submarine and 🍎')
    await expect(page.getByTestId('hint')).toContainText('Does not know')
    await expectClean(page, 'an unknown word')
    await page.getByTestId('start').locator('summary').click()
    await expect(page.getByTestId('sketch')).toBeVisible()
    await expectClean(page, 'the panel to start from a picture')
    await page.getByTestId('prompt').fill('')
    await page.getByTestId('prompt').pressSequentially('a cat wi')
    await expect(page.locator('#examples[data-kind=completions] button').first()).toBeVisible()
    await expectClean(page, 'how a prompt may go on')
    await expectState(page, 'ready')
    await page.getByTestId('sketch').click()
    await expect(page.getByTestId('start')).toHaveAttribute('data-used', 'true')
    await draw(page, 'a submarine')
    await expectState(page, 'done')
    await page.waitForTimeout(500)
    await expectClean(page, 'drawn from a doodle, with a warning')
    await page.getByTestId('more').click()
    await expectState(page, 'drawing')
    await expectClean(page, 'drawing')
    await page.getByTestId('cancel').click()
    await expectState(page, 'cancelled')
    await expectClean(page, 'cancelled')
    await page.goto(site())
    await expectState(page, 'ready')
    await expectClean(page, 'ready')
    await page.getByTestId('draw').click()
    await expect(page.getByTestId('status')).toContainText('Say what to draw first')
    await expectClean(page, 'an empty prompt')
    await page.getByTestId('how').locator('summary').click()
    await page.getByTestId('machine').locator('summary').click()
    await page.getByRole('radio', { name: '4' }).check()
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    await page.waitForTimeout(500)
    await expectClean(page, 'four pictures')
    await page.getByTestId('take-away').click()
    await expect(page.getByTestId('away-telegram-size')).toContainText('PNG of')
    await page.getByTestId('away-choose').locator('summary').click()
    await expect(page.getByTestId('away-choose').getByRole('checkbox')).toHaveCount(5)
    await expectClean(page, 'the panel that takes pictures away')
    await page.keyboard.press('Escape')
    await page.getByTestId('compare').click()
    await expect(page.getByTestId('compare-right-view').locator('canvas')).toBeVisible()
    await page.getByTestId('compare-panel').getByRole('radio', { name: '4×' }).check()
    await expectClean(page, 'the panel that compares two')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'What is the seed?' }).click()
    await expect(page.locator('#about-seed')).toBeVisible()
    await expectClean(page, 'an explanation')
    await page.keyboard.press('Escape')
    await page.getByTestId('seed').fill('seven')
    await draw(page, 'a red apple')
    await expect(page.getByTestId('seed-problem')).toBeVisible()
    await expectClean(page, 'a seed that is none')
    await page
      .getByTestId('gallery')
      .getByRole('button', { name: /^Delete/ })
      .first()
      .press('Enter')
    await expect(page.getByTestId('gallery-news')).toContainText('Deleted')
    await page.getByTestId('how-replay').click()
    await expect(page.getByTestId('how-now')).toContainText('8 × 8 cells')
    await page.context().setOffline(true)
    await expect(page.getByTestId('network')).toHaveText('Offline')
    await expectClean(page, 'a picture deleted, the scales replayed, no network')
    await page.context().setOffline(false)
    await page.goto(site({ model: 'models/no-such/manifest.json' }))
    await expectState(page, 'error')
    await expectClean(page, 'a model that does not come')
    const notice = { title: 'Terms', text: 'Be kind. '.repeat(400), url: 'https://example.com/terms', accept: true }
    const manifest = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')) as object
    await page.route('**/models/tiny/manifest.json', (route) => route.fulfill({ json: { ...manifest, notice } }))
    await page.goto(site())
    await expect(page.getByTestId('terms-needs')).not.toBeEmpty()
    await expectClean(page, 'terms to accept')
  })
}

test('in forced colours one sees which of four is chosen, and how far the bar is', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await page.goto(site())
  await expectState(page, 'ready')
  const background = (text: string) =>
    page.locator('#count label', { hasText: text }).evaluate((label) => getComputedStyle(label).backgroundColor)
  expect(await background('1')).not.toBe(await background('2'))
  const words = await page
    .locator('#count label')
    .first()
    .evaluate((label) => getComputedStyle(label).color)
  expect(words).not.toBe(await background('1')) // Seen once: white on white.
  await page.getByTestId('draw').hover()
  const button = await page.getByTestId('draw').evaluate((draw) => {
    const { color, backgroundColor } = getComputedStyle(draw)
    return [color, backgroundColor]
  })
  expect(button).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)'])
  const swatch = (value: string) =>
    page.locator(`.swatches input[value="${value}"] + i`).evaluate((mark) => getComputedStyle(mark).backgroundColor)
  expect(await swatch('#ffffff')).toBe('rgb(255, 255, 255)')
  expect(await swatch('#000000')).toBe('rgb(0, 0, 0)')
  // Black ink on it, whatever the reader's colours.
  const paper = await page.getByTestId('sketch').evaluate((canvas) => getComputedStyle(canvas).backgroundColor)
  expect(paper).toBe('rgb(255, 255, 255)')
  // Seen once: a dot at the edge of the page.
  expect((await page.getByTestId('notice').boundingBox())?.height ?? 0).toBe(0)
  await page.getByRole('radio', { name: '4' }).check()
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const outlines = await page
    .getByTestId('pictures')
    .getByRole('button')
    .evaluateAll((places) => places.map((place) => getComputedStyle(place).outlineStyle))
  expect(outlines).toEqual(['solid', 'none', 'none', 'none'])
})

test('the picture is called what it shows, and so is the page', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  await expect(page.getByRole('img', { name: 'A fox face wearing sunglasses' })).toBeVisible()
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  await expect(page.getByTestId('pictures').getByRole('img')).toHaveAccessibleName('a red apple, 128 × 128 pixels')
  await expect(page.getByRole('img', { name: 'A fox face' })).toBeHidden()
  await expect(page).toHaveTitle('a red apple · scalewise')
})

test('How it works replays the picture, scale by scale', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  await page.getByTestId('how').locator('summary').click()
  await expect(page.getByTestId('how-replay')).toBeDisabled()
  await expect(page.getByText('Draw one first.')).toBeVisible()
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  await expect(page.locator('#how-scales li')).toHaveCount(4)
  for (const part of ['Why small first', 'What the noise level means', 'what each cost']) {
    await expect(page.getByTestId('how').getByRole('heading', { name: part })).toBeVisible()
  }
  await expect(page.getByText('Draw one first.')).toBeHidden()
  for (const name of ['Scale-wise Distillation', 'authors’ code', 'what each part costs']) {
    await expect(page.getByTestId('how').getByRole('link', { name })).toBeVisible()
  }
  await page.getByTestId('how-replay').click()
  await expect(page.getByTestId('how-now')).toContainText('8 × 8 cells, 64 × 64 pixels, σ 1.00: from nothing but noise')
  // Beside the words, for the large picture may be out of sight.
  await expect(page.getByTestId('how-picture').locator('canvas')).toHaveAttribute('width', '64')
  await expect(page.getByTestId('how-now')).toContainText(/made larger, \d+% noise mixed in, looked at again/)
  await page.getByTestId('how-replay').click()
  await expect(page.getByTestId('how-now')).toBeEmpty()
})

test('the theme changes with the first press', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto(site())
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
  const before = await scheme()
  await page.getByRole('button', { name: /^Theme/ }).click()
  expect([before, await scheme()]).toEqual(['light dark', 'dark'])
})

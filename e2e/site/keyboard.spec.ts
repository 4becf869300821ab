import { expect, type Locator, type Page, test } from '@playwright/test'
import { PNG } from 'pngjs'
import { expectState, framePixels, site } from '../testing/pages'
import { saved } from '../testing/take-away'

/** A visit without a pointer: nothing below clicks, and where the focus goes is Tab's affair. */

/** Presses Tab until the element has the focus: at most so often as the page has places for it. */
async function tabTo(page: Page, place: string | Locator, backwards = false): Promise<void> {
  const wanted = typeof place === 'string' ? page.getByTestId(place) : place
  for (let i = 0; i < 80; i++) {
    if (await wanted.evaluate((element) => element.contains(document.activeElement))) return
    await page.keyboard.press(backwards ? 'Shift+Tab' : 'Tab')
  }
  throw new Error(`Tab does not reach ${place}.`)
}

test('from the first prompt to a saved scale, another picture and the gallery, by keyboard alone', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')

  await tabTo(page, 'prompt')
  await page.keyboard.type('a red apple')
  await page.keyboard.press('Escape') // Completions.
  await tabTo(page, 'seed')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('seven')
  await page.keyboard.press('Enter')
  const seed = page.getByTestId('seed')
  await expect(seed).toBeFocused()
  await expect(seed).toHaveAttribute('aria-invalid', 'true')
  await expect(seed).toHaveAccessibleDescription(/whole number/)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('7')
  await page.keyboard.press('Enter')
  await expectState(page, 'done')
  await expect(page.getByTestId('status')).toContainText('Seed 7.')

  await tabTo(page, 'strip', true)
  await page.keyboard.press('Shift+Tab') // From the last scale to the one before.
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await tabTo(page, 'download', true)
  const { name, bytes } = await saved(page, () => page.keyboard.press('Enter'))
  expect(name).toBe('a-red-apple-7-96px.png')
  const { width } = PNG.sync.read(Buffer.from(bytes))
  expect(width).toBe((await framePixels(page)).width)
  expect(width).toBeLessThan(128) // The scale that is on screen, not the last one.

  await tabTo(page, 'prompt', true)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('a tree')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await expect(page).toHaveTitle('a tree · scalewise')
  await expectState(page, 'done')
  const pictures = page.getByTestId('gallery').getByRole('list')
  await expect(pictures.getByRole('listitem')).toHaveCount(2)
  await tabTo(page, pictures)
  await page.keyboard.press('Home') // The oldest.
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('prompt')).toHaveValue('a red apple')
})

test('at 1024 pixels every example is in sight when Tab comes to it; one taken while another is drawn is drawn next', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1024, height: 768 })
  await page.goto(site({ model: 'models/emoji/manifest.json' }))
  await expectState(page, 'ready')
  const examples = page.getByTestId('examples').getByRole('button')
  const count = await examples.count()
  expect(count).toBeGreaterThanOrEqual(4)
  for (let i = 0; i < count; i++) {
    await tabTo(page, examples.nth(i))
    for (const one of await examples.all()) await expect(one).toBeInViewport({ ratio: 1 })
  }
  await page.setViewportSize({ width: 1440, height: 768 })
  await page.getByTestId('prompt').focus()
  await page.setViewportSize({ width: 1441, height: 768 })
  await expect(examples).toHaveCount(6) // Five, and a surprise.
  const last = (await examples.last().textContent()) as string
  await page.getByRole('radio', { name: '4' }).check()
  await page.getByTestId('prompt').fill('a fox')
  await page.getByTestId('prompt').press('Enter')
  await expectState(page, 'drawing')
  await examples.last().focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveTitle(`${last} · scalewise`)
  await expect(page.getByTestId('prompt')).toHaveValue(last)
})

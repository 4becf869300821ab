import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { draw, expectState, site } from '../testing/pages'

/** How large what can be pressed is, in every state: 44 pixels for fingers, 24 for a pointer (WCAG 2.5.5, 2.5.8). */
async function tooSmall(page: Page, least: number): Promise<string[]> {
  return page.evaluate((wanted) => {
    const within = document.querySelector('dialog[open]') ?? document
    const all = within.querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, summary, [tabindex="0"]',
    )
    return [...all].flatMap((element) => {
      // A choice is pressed by its label.
      const target = (element.matches('[type=radio], [type=checkbox]') && element.closest('label')) || element
      const { width, height } = target.getBoundingClientRect()
      if (width === 0 || !target.checkVisibility({ visibilityProperty: true })) return []
      // A link within a sentence is as high as its line.
      const inline = element.matches('a') && getComputedStyle(element).display === 'inline'
      if (inline || (width >= wanted - 0.1 && height >= wanted - 0.1)) return []
      const called = element.id || element.getAttribute('name') || element.className || element.textContent
      return [`${element.tagName} ${called}: ${width.toFixed(0)} × ${height.toFixed(0)}`]
    })
  }, least)
}

const pointers = [
  { name: 'fingers', least: 44, options: { hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } } },
  {
    name: 'fingers on 320 pixels',
    least: 44,
    options: { hasTouch: true, isMobile: true, viewport: { width: 320, height: 640 } },
  },
  { name: 'a pointer', least: 24, options: { viewport: { width: 1280, height: 800 } } },
] as const

for (const { name, least, options } of pointers) {
  test.describe(`for ${name}`, () => {
    test.use({ ...options })

    test(`all that can be pressed has ${least} pixels`, async ({ page }) => {
      test.slow()
      const expectLarge = async (state: string) => expect.soft(await tooSmall(page, least), state).toEqual([])
      await page.goto(site({ model: 'models/emoji/manifest.json' }))
      expect(await page.evaluate(() => matchMedia('(pointer: coarse)').matches)).toBe(least === 44)
      await expect(page.getByRole('button', { name: 'Surprise me' })).toBeVisible()
      await expectLarge('loading')
      await page.getByTestId('prompt').fill('a submarine')
      await expect(page.getByTestId('hint')).toContainText('Does not know')
      await page.getByTestId('start').locator('summary').click()
      await expect(page.getByTestId('sketch')).toBeVisible()
      await expectLarge('an unknown word, and the panel to start from a picture')

      await page.goto(site())
      await expectState(page, 'ready')
      await page.getByTestId('how').locator('summary').click()
      await page.getByTestId('machine').locator('summary').click()
      await page.getByRole('radio', { name: 'Your colour' }).check()
      await page.getByRole('radio', { name: '4' }).check()
      await draw(page, 'a red apple')
      await expectLarge('drawing')
      await expectState(page, 'done')
      await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(4)
      await page
        .getByTestId('gallery')
        .getByRole('button', { name: /^Delete/ })
        .first()
        .click()
      await expect(page.getByTestId('gallery-undo')).toBeEnabled()
      await expectLarge('four pictures and the gallery')
      await page.getByTestId('take-away').click()
      await expect(page.getByTestId('away-telegram-size')).toContainText('PNG of')
      await page.getByTestId('away-choose').locator('summary').click()
      await page.getByTestId('away-background').selectOption('own')
      await expect(page.getByTestId('away-choose').getByRole('checkbox')).toHaveCount(3)
      await expectLarge('the panel that takes pictures away')
      await page.keyboard.press('Escape')
      await page.getByTestId('compare').click()
      await expect(page.getByTestId('compare-right-view').locator('canvas')).toBeVisible()
      await expectLarge('the panel that compares two')
      await page.keyboard.press('Escape')

      await page.goto(site({ model: 'models/no-such/manifest.json' }))
      await expectState(page, 'error')
      await expectLarge('an error')
      const notice = { title: 'Terms', text: 'Be kind.', url: 'https://example.com/terms', accept: true }
      const manifest = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')) as object
      await page.route('**/models/tiny/manifest.json', (route) => route.fulfill({ json: { ...manifest, notice } }))
      await page.goto(site())
      await expect(page.getByTestId('terms')).toBeVisible()
      await expectLarge('terms')
    })
  })
}

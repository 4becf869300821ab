import { expect, type Page, test } from '@playwright/test'
import { draw, expectState, site } from '../testing/pages'

/** What was once cut off, hidden or out of sight, at the widths where it was. */
const phone = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } } as const
const emoji = { model: 'models/emoji/manifest.json' }

const cutOff = (page: Page, id: string) =>
  page
    .getByTestId(id)
    .evaluate((element) => element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 1)

for (const width of [1440, 1024]) {
  test(`the seeds of four pictures are told whole at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 860 })
    await page.goto(site({ hash: '#prompt=a+red+apple&seed=3956312323&count=4' }))
    await expectState(page, 'done')
    await expect(page.getByTestId('status')).toContainText('Seeds 3956312323 to 3956312326.')
    expect(await cutOff(page, 'status')).toBe(false)
  })
}

test.describe('on a phone', () => {
  test.use(phone)

  test('a seed of ten digits is seen whole, and what opens has its triangle', async ({ page }) => {
    await page.goto(site({ hash: '#seed=3956312323' }))
    await expectState(page, 'ready')
    await expect(page.getByTestId('seed')).toHaveValue('3956312323')
    expect(await cutOff(page, 'seed')).toBe(false)
    for (const id of ['start', 'how', 'machine']) {
      const display = await page
        .getByTestId(id)
        .locator('summary')
        .evaluate((summary) => getComputedStyle(summary).display)
      expect(display, id).toBe('list-item') // Others have no mark.
    }
  })

  test('the picture comes to sight: drawn below an open panel, and opened from the gallery', async ({ page }) => {
    await page.goto(site(emoji))
    await expectState(page, 'ready')
    await page.getByTestId('start').locator('summary').click()
    await expect(page.getByTestId('frame')).not.toBeInViewport()
    await page.getByTestId('sketch').click()
    await draw(page, 'a red ball')
    await expect(page.getByTestId('frame')).toBeInViewport({ ratio: 0.9 })
    await expectState(page, 'done')
    await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(1)
    await page.getByTestId('stored').scrollIntoViewIfNeeded()
    await page.getByTestId('gallery').getByRole('button', { name: /^Open/ }).dispatchEvent('click')
    await expect(page.getByTestId('frame')).toBeInViewport({ ratio: 0.9 })
  })

  test('while it loads, its files are listed in whole rows', async ({ page }) => {
    await page.route('**/models/emoji/decoder*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 4_000))
      await route.abort().catch(() => {})
    })
    await page.goto(site(emoji))
    await expect(page.getByText('text-encoder.onnx')).toBeVisible()
    const heights = await page.locator('#loading-files').evaluate((list) => {
      const row = list.firstElementChild?.getBoundingClientRect().height ?? 0
      const frame = document.getElementById('frame')?.getBoundingClientRect().bottom ?? 0
      const { height, bottom } = list.getBoundingClientRect()
      return { rows: height / row, inside: bottom <= frame }
    })
    expect(heights.rows).toBeGreaterThan(1)
    expect(Math.abs(heights.rows - Math.round(heights.rows))).toBeLessThan(0.01)
    expect(heights.inside).toBe(true)
  })
})

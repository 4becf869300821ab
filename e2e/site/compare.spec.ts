import { expect, type Page, test } from '@playwright/test'
import { draw, expectState, pageErrors, site } from '../testing/pages'

/** The panel of two pictures: from the gallery, drawn now, or drawn with another setting. */
const panel = (page: Page) => page.getByRole('dialog', { name: 'Compare two' })
const side = (page: Page, name: 'left' | 'right') => page.getByTestId(`compare-${name}-view`)
const row = (page: Page, name: string) => page.getByTestId('compare-table').getByRole('row', { name })

function pixels(page: Page, name: 'left' | 'right'): Promise<string> {
  return side(page, name)
    .locator('canvas')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement
      return `${canvas.width} ${canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data.join()}`
    })
}

async function drawSeed(page: Page, prompt: string, seed: string): Promise<void> {
  await page.getByTestId('seed').fill(seed)
  await draw(page, prompt)
  await expect(page.getByTestId('status')).toContainText(`Seed ${seed}.`) // It may be drawn before one sees it begin.
}

async function twoDrawn(page: Page): Promise<void> {
  await page.goto(site())
  await expectState(page, 'ready')
  await expect(page.getByTestId('compare')).toBeDisabled()
  await drawSeed(page, 'a red apple', '7')
  await drawSeed(page, 'a red apple', '8')
  await page.getByTestId('compare').click()
  await expect(side(page, 'right').locator('canvas')).toBeVisible()
}

test('two of one prompt stand side by side, and what differs is told', async ({ page }) => {
  const errors = pageErrors(page)
  await twoDrawn(page)
  await expect(side(page, 'left').getByRole('img')).toHaveAccessibleName('a red apple, seed 8, 128 × 128 pixels')
  await expect(side(page, 'right').getByRole('img')).toHaveAccessibleName('a red apple, seed 7, 128 × 128 pixels')
  await expect(row(page, 'Seed')).toHaveText(/^Seed ≠ differs87$/)
  await expect(row(page, 'Words')).toHaveText('Wordsa red applea red apple')
  await expect(page.getByTestId('compare-pixels')).toContainText(/^Colours differ in (\d+|less than 1)% of the square/)
  const [left, right] = [await pixels(page, 'left'), await pixels(page, 'right')]
  expect(left).not.toBe(right)
  await page.getByTestId('compare-swap').click()
  await expect.poll(() => pixels(page, 'left')).toBe(right)
  await expect.poll(() => pixels(page, 'right')).toBe(left)

  await page.getByTestId('compare-left').selectOption({ label: 'a red apple, seed 8, default' })
  await expect.poll(() => pixels(page, 'left')).toBe(left)
  await expect(page.getByTestId('compare-pixels')).toHaveText('The same picture, to the pixel.')
  expect(errors).toEqual([])
})

test('both show the same scale, the same part, at the same size', async ({ page }) => {
  await twoDrawn(page)
  const boxes = await Promise.all([side(page, 'left').boundingBox(), side(page, 'right').boundingBox()])
  expect(boxes[0]?.width).toBe(boxes[1]?.width)
  expect(boxes[0]?.height).toBe(boxes[1]?.height)
  const scale = page.getByRole('slider', { name: 'Scale, coarse to fine' })
  await scale.press('Home')
  await expect(scale).toHaveAttribute('aria-valuetext', '8 cells along a side.')
  for (const name of ['left', 'right'] as const) expect(await pixels(page, name)).toMatch(/^64 /)
  await scale.press('End')
  for (const name of ['left', 'right'] as const) expect(await pixels(page, name)).toMatch(/^128 /)

  await expect(side(page, 'left')).not.toHaveAttribute('tabindex')
  await page.getByRole('radio', { name: '4×' }).check()
  await side(page, 'left').focus()
  const at = (name: 'left' | 'right') =>
    side(page, name).evaluate(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop])
  const middle = await at('left')
  expect(middle[0]).toBeGreaterThan(100)
  for (const key of ['ArrowRight', 'ArrowDown']) await page.keyboard.press(key)
  await expect.poll(async () => (await at('left')).every((value, axis) => value > (middle[axis] ?? 0) + 20)).toBe(true)
  await expect.poll(async () => JSON.stringify(await at('left')) === JSON.stringify(await at('right'))).toBe(true)
  const box = await side(page, 'right').boundingBox()
  if (!box) throw new Error('The right picture has no place.')
  await page.mouse.move(box.x + 100, box.y + 100)
  await page.mouse.down()
  await page.mouse.move(box.x + 160, box.y + 140)
  await page.mouse.up()
  await expect.poll(async () => JSON.stringify(await at('left')) === JSON.stringify(await at('right'))).toBe(true)
})

test('the same words are drawn another way, by keyboard alone, and kept', async ({ page }) => {
  await twoDrawn(page)
  await expect(page.getByTestId('compare-close')).toBeFocused()
  await page.getByTestId('compare-schedule').selectOption({ index: 1 })
  const schedule = await page.getByTestId('compare-schedule').inputValue()
  await page.getByTestId('compare-draw').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('compare-news')).toHaveText('Drawn, on the right.')
  await expect(row(page, 'Seed')).toHaveText('Seed88')
  await expect(row(page, 'Schedule')).toContainText('differs')
  await expect(page.getByTestId('compare-right')).toHaveValue(new RegExp(`seed=8&schedule=${schedule}`))
  await page.keyboard.press('Escape')
  await expect(panel(page)).toBeHidden()
  await expect(page.getByTestId('compare')).toBeFocused()
  await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(3)
})

test('where nothing else is chosen it is another seed, not the same picture again', async ({ page }) => {
  await twoDrawn(page)
  await expect(page.getByTestId('compare-seed')).not.toBeChecked()
  await page.getByTestId('compare-draw').click()
  await expect(page.getByTestId('compare-news')).toHaveText('Drawn, on the right.')
  await expect(page.getByTestId('compare-seed')).toBeChecked()
  await expect(row(page, 'Seed')).toContainText('differs')
  await expect(page.getByTestId('compare-pixels')).not.toContainText('The same picture')
})

test('it fits 320 pixels, the two beside each other', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 })
  await twoDrawn(page)
  const [left, right] = [await side(page, 'left').boundingBox(), await side(page, 'right').boundingBox()]
  expect(left?.y).toBe(right?.y)
  expect(left?.width).toBe(right?.width)
  expect(left?.width).toBeGreaterThan(110)
  expect(await panel(page).evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
})

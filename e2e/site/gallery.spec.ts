import { expect, type Page, test } from '@playwright/test'
import { draw, expectState, framePixels, pageErrors, site } from '../testing/pages'
import { startServer } from '../testing/server'
import { fillGallery } from '../testing/take-away'
import { goOffline, visit } from '../testing/visit'

/** Pictures that stay: opened, deleted, brought back, and walked through with Back and Forward. */
const kept = (page: Page) => page.getByTestId('gallery').getByRole('listitem')
const pixels = async (page: Page) => JSON.stringify(await framePixels(page))

async function drawKept(page: Page, prompt: string, count: number): Promise<string> {
  await draw(page, prompt)
  await expectState(page, 'done')
  await expect(kept(page)).toHaveCount(count)
  return pixels(page)
}

test('a picture survives the next one and a new visit, with its recipe and its scales', async ({ page }) => {
  const errors = pageErrors(page)
  await page.goto(site())
  await expectState(page, 'ready')
  const apple = await drawKept(page, 'a red apple', 1)
  const seed = await page.getByTestId('seed').inputValue()
  const cats = await drawKept(page, 'two cats', 2)
  expect(cats).not.toBe(apple)
  await page.goto('about:blank')
  await page.goto(site())
  await expectState(page, 'ready')
  await expect(page.getByTestId('gallery-room')).toContainText(/^2 pictures, [\d.]+ (kB|MB) on this device/)
  await page.getByRole('button', { name: `Open a red apple, seed ${seed}` }).click()
  await expect(page.getByTestId('status')).toContainText('From the gallery')
  expect(await pixels(page)).toBe(apple)
  await expect(page.getByTestId('prompt')).toHaveValue('a red apple')
  await expect(page.getByTestId('seed')).toHaveValue(seed)
  await expect(page.getByTestId('download')).toBeEnabled()
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(4)
  await page.getByTestId('strip').getByRole('button').first().click()
  expect((await framePixels(page)).width).toBe(64)
  expect(errors).toEqual([])
})

test('Back and Forward walk through pictures', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  const apple = await drawKept(page, 'a red apple', 1)
  const cats = await drawKept(page, 'two cats', 2)
  const shown = page.getByTestId('gallery').locator('[aria-current=true]')
  await expect(shown).toHaveCount(1)
  await expect(shown).toHaveAccessibleName(/^Open two cats/)
  await page.goBack()
  await expect(page.getByTestId('prompt')).toHaveValue('a red apple')
  await expect.poll(() => pixels(page)).toBe(apple)
  await expect(shown).toHaveCount(1)
  await expect(shown).toHaveAccessibleName(/^Open a red apple/)
  await page.goForward()
  await expect(page.getByTestId('prompt')).toHaveValue('two cats')
  await expect.poll(() => pixels(page)).toBe(cats)
  await expect(kept(page)).toHaveCount(2)
  // The seed that came back with it is no choice of the visitor's: Draw draws another picture, at last the second time.
  await expect(page.getByTestId('lock')).toHaveAttribute('aria-pressed', 'false')
  await draw(page, 'two cats')
  await expect(page.getByTestId('status')).toContainText('1 picture in')
  await drawKept(page, 'two cats', 3)
  expect(await pixels(page)).not.toBe(cats)
})

test('a drawing that is cancelled takes nothing away: the picture before it is one step back, and kept', async ({
  page,
}) => {
  await page.goto(site({ model: 'models/emoji/manifest.json' }))
  await expectState(page, 'ready')
  const apple = await drawKept(page, 'a red apple', 1)
  await draw(page, 'a tree')
  await expectState(page, 'drawing')
  await page.keyboard.press('Escape')
  await expectState(page, 'cancelled')
  await expect(kept(page)).toHaveCount(1)
  await page.goBack()
  await expect(page.getByTestId('prompt')).toHaveValue('a red apple')
  await expect.poll(() => pixels(page)).toBe(apple)
  await expect(page.getByTestId('download')).toBeEnabled()
})

test('deleted by the keyboard, brought back, all deleted, and gone after a reload', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  await drawKept(page, 'a red apple', 1)
  await drawKept(page, 'two cats', 2)
  await page.getByRole('button', { name: /^Delete a red apple/ }).press('Enter')
  await expect(kept(page)).toHaveCount(1)
  await expect(page.getByTestId('gallery-news')).toHaveText('Deleted “a red apple”.')
  await expect(page.getByTestId('gallery-undo')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(kept(page)).toHaveCount(2)
  await page.getByTestId('gallery-clear').click()
  await expect(kept(page)).toHaveCount(0)
  await page.getByTestId('gallery-undo').click()
  await expect(kept(page)).toHaveCount(2)
  await page.getByTestId('gallery-clear').click()
  await expect(kept(page)).toHaveCount(0)
  await page.goto(site())
  await expectState(page, 'ready')
  await expect(page.getByTestId('gallery-room')).toContainText('Every picture that you draw is kept here')
  await expect(kept(page)).toHaveCount(0)
})

test('of three hundred pictures those in sight are read, and no others', async ({ page }) => {
  await page.addInitScript(() => {
    const reads = { single: 0, all: 0 }
    Object.assign(globalThis, { reads })
    const { get, getAll } = IDBObjectStore.prototype
    IDBObjectStore.prototype.get = function (key) {
      if (this.name === 'pictures') reads.single += 1
      return get.call(this, key)
    }
    IDBObjectStore.prototype.getAll = function (...range) {
      if (this.name === 'pictures') reads.all += 1
      return getAll.apply(this, range)
    }
  })
  const thumbnails = page.locator('#gallery-list canvas[data-drawn]')
  await page.goto(site())
  await expectState(page, 'ready')
  await drawKept(page, 'a red apple', 1)
  await fillGallery(page, 300)
  await page.goto(site())
  await expect(kept(page)).toHaveCount(300) // What the list lacked was added to it.
  await page.goto('about:blank')
  await page.goto(site())
  await expect(kept(page)).toHaveCount(300)
  await expectState(page, 'ready')
  await expect(kept(page).last().locator('[data-drawn]')).toBeVisible()
  const { single, all } = await page.evaluate(() => (globalThis as unknown as { reads: Record<string, number> }).reads)
  expect(all).toBe(0)
  expect(single).toBeLessThan(40)
  expect(await thumbnails.count()).toBeLessThan(40)

  // The first ones come into sight, and the last ones are let go of.
  await kept(page).last().getByRole('button', { name: /^Open/ }).focus()
  await page.keyboard.press('Home')
  await expect(kept(page).first().getByRole('button', { name: /^Open/ })).toBeFocused()
  await expect(kept(page).first().locator('[data-drawn]')).toBeVisible()
  await expect(kept(page).last().locator('[data-drawn]')).toHaveCount(0)
  expect(await thumbnails.count()).toBeLessThan(40)
  await page.keyboard.press('ArrowRight')
  await expect(kept(page).nth(1).getByRole('button', { name: /^Open/ })).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(page.getByTestId('compare')).toBeFocused() // One stop, however many there are.

  await page.getByTestId('gallery-clear').click()
  await expect(kept(page)).toHaveCount(0)
  await page.getByTestId('gallery-undo').click()
  await expect(kept(page)).toHaveCount(300)
})

test.describe('without a network', () => {
  test.use({ serviceWorkers: 'allow' })

  test('the pictures are there, open, and are walked through', async ({ page }) => {
    const server = await startServer()
    try {
      await visit(page, server)
      const apple = await drawKept(page, 'a red apple', 1)
      await drawKept(page, 'two cats', 2)
      await goOffline(page, server)
      await page.goto(server.url + site())
      await expect(kept(page)).toHaveCount(2)
      await expectState(page, 'ready')
      await page.getByRole('button', { name: /^Open a red apple/ }).click()
      await expect.poll(() => pixels(page)).toBe(apple)
      await page.getByRole('button', { name: /^Open two cats/ }).click()
      await expect(page.getByTestId('prompt')).toHaveValue('two cats')
      await page.goBack()
      await expect.poll(() => pixels(page)).toBe(apple)
      await drawKept(page, 'a tree', 3)
    } finally {
      await server.stop()
    }
  })
})

import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { PNG } from 'pngjs'
import { draw, expectState, framePixels, pageErrors, site, worstDifference } from '../testing/pages'

/** One page, one model, for all tests here: what they share is what a visitor's afternoon shares. */
test.describe.configure({ mode: 'serial' })

let page: Page
let errors: string[]

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  page = await context.newPage()
  errors = pageErrors(page)
  await page.goto(site())
})

test.afterAll(async () => {
  await page.context().close()
})

test('loads the model and says what it runs on', async () => {
  await expectState(page, 'ready')
  await expect(page.getByTestId('status')).toContainText('Ready. Tiny on WASM.')
  await expect(page.getByTestId('backend-report')).toContainText('WASM was asked for')
  await expect(page.getByTestId('about')).toContainText('Tiny 0.1.0')
})

test('draws on Enter; the strip shows every scale', async () => {
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const slots = page.getByTestId('strip').locator('[data-scale=done]')
  const steps = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')).schedules.default as {
    size: number
    sigma: number
  }[]
  await expect(slots).toHaveCount(steps.length)
  for (const [index, { size, sigma }] of steps.entries()) {
    const slot = slots.nth(index)
    await expect(slot).toContainText(`${size} × ${size}`)
    await expect(slot).toContainText(`${size * 8} × ${size * 8} px`)
    await expect(slot).toContainText(`σ ${sigma.toFixed(2)}`)
    await expect(slot).toContainText(/\d ms|\d s/)
    const width = await slot.locator('canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).width)
    expect(width).toBe(size * 8)
  }
  const picture = await framePixels(page)
  expect(picture.width).toBe(128)
  expect(new Set(picture.data).size).toBeGreaterThan(20)
  await expect(page.getByTestId('timings')).toContainText(/All scales\s*[\d.]+ m?s/)
})

test('a scale of the strip can be looked at again', async () => {
  await page.getByTestId('strip').getByRole('button').first().click()
  expect((await framePixels(page)).width).toBe(64)
  await page.getByTestId('strip').getByRole('button').last().click()
  expect((await framePixels(page)).width).toBe(128)
})

test('the same seed draws the same picture, another seed another', async () => {
  const drawSeed = async (seed: string): Promise<string> => {
    await page.getByTestId('seed').fill(seed)
    await draw(page, 'two hearts')
    await expect(page.getByTestId('status')).toContainText(`Seed ${seed}.`)
    return JSON.stringify((await framePixels(page)).data)
  }
  const seven = await drawSeed('7')
  const eight = await drawSeed('8')
  expect(await drawSeed('7')).toBe(seven)
  expect(eight).not.toBe(seven)
})

test('a locked seed stays, an unlocked one changes', async () => {
  const seed = page.getByTestId('seed')
  await expect(page.getByTestId('lock')).toHaveAttribute('aria-pressed', 'true') // It was typed.
  await draw(page, 'a tree')
  await expectState(page, 'done')
  await expect(seed).toHaveValue('7')
  await page.getByTestId('lock').click()
  await draw(page, 'a tree')
  await expectState(page, 'done')
  await expect(seed).not.toHaveValue('7')
})

test('four pictures: one is chosen, and saved as a PNG with its own seed', async () => {
  await page.getByTestId('seed').fill('100')
  await page.getByRole('radio', { name: '4' }).check()
  await draw(page, 'A green car!')
  await expect(page.getByTestId('status')).toContainText('Seeds 100 to 103.')
  await page.getByRole('button', { name: 'Picture 3 of 4, seed 102' }).click()
  const saved = page.waitForEvent('download')
  await page.getByTestId('download').click()
  const file = await saved
  expect(file.suggestedFilename()).toBe('a-green-car-102.png')
  const png = PNG.sync.read(readFileSync(await file.path()))
  expect([png.width, png.height]).toEqual([128, 128])
  expect([...png.data]).toEqual((await framePixels(page, 2)).data)
  expect(png.data.some((value, index) => index % 4 === 3 && value < 255)).toBe(true)
})

test('a link draws the chosen picture again', async () => {
  const chosen = await framePixels(page, 2)
  await page.getByTestId('link').click()
  await expect(page.getByTestId('status')).toContainText('Copied a link')
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(new URL(link).hash).toContain('seed=102')
  const other = await page.context().newPage()
  await other.goto(link)
  await expectState(other, 'done')
  await expect(other.getByTestId('prompt')).toHaveValue('A green car!')
  const again = await framePixels(other)
  // A batch may be summed up in another order than a single picture: the last bit of a colour may differ.
  expect(worstDifference(again.data, chosen.data)).toBeLessThanOrEqual(2)
  await other.close()
})

test('Escape cancels, and the next picture is drawn', async () => {
  await page.getByRole('radio', { name: '4' }).check()
  await draw(page, 'a fox')
  await expectState(page, 'drawing')
  await expect(page.getByTestId('cancel')).toBeVisible()
  await page.keyboard.press('Escape')
  await expectState(page, 'cancelled')
  await expect(page.getByTestId('status')).toContainText(/Cancelled after [0-3] scales? of 4/)
  await page.getByRole('radio', { name: '1' }).check()
  await draw(page, 'a fox')
  await expectState(page, 'done')
})

test('an empty prompt is asked for; a long one is cut and reported', async () => {
  await draw(page, '')
  await expect(page.getByTestId('status')).toContainText('Say what to draw first')
  await draw(page, 'a cat '.repeat(40))
  await expectState(page, 'done')
  await expect(page.getByTestId('warnings')).toContainText('tokens')
  await draw(page, 'a cat')
  await expectState(page, 'done')
  await expect(page.getByTestId('warnings')).toBeEmpty()
})

test('what is not a seed is said to be none', async () => {
  await page.getByTestId('seed').fill('18446744073709551616')
  await draw(page, 'a cat')
  await expect(page.getByTestId('status')).toContainText('A seed is a whole number')
  await page.getByTestId('dice').click()
  await draw(page, 'a cat')
  await expectState(page, 'done')
})

test('works at the width of a phone without scrolling sideways', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await expect(page.getByTestId('draw')).toBeInViewport()
  await expect(page.getByTestId('frame')).toBeInViewport({ ratio: 1 })
})

test('nothing was logged as an error on the way', () => {
  expect(errors).toEqual([])
})

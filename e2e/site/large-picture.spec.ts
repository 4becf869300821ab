import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { draw, expectState, framePixels, site } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'

/** Pictures as the paper's own models draw them, 1024 px or without transparency, in the page's layout. */

let server: FaultServer

test.beforeEach(async () => {
  server = await startServer()
})
test.afterEach(() => server.stop())

/** The model's manifest with another schedule. */
function scheduled(model: string, sizes: readonly [size: number, sigma: number][]): string {
  const path = `models/${model}/manifest.json`
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  manifest.schedules[manifest.defaultSchedule] = sizes.map(([size, sigma]) => ({ size, sigma }))
  server.fault(`/${path}`, { kind: 'replace', body: Buffer.from(JSON.stringify(manifest)) })
  return path
}

for (const { width, height } of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]) {
  test(`a picture of 1024 px has room on a page of ${width} px, and nothing moves`, async ({ page }) => {
    test.setTimeout(120_000)
    await page.setViewportSize({ width, height })
    const model = scheduled('tiny', [
      [16, 1],
      [128, 0.6],
    ])
    await page.goto(server.url + site({ model }))
    await expectState(page, 'ready')
    const frame = page.getByTestId('pictures')
    const before = await frame.boundingBox()
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    const picture = await framePixels(page)
    expect([picture.width, picture.height]).toEqual([1024, 1024])
    const canvas = await frame.locator('canvas:not(.leaving)').first().boundingBox()
    expect(canvas?.width).toBeGreaterThan(250)
    expect(canvas?.width).toBeLessThanOrEqual(width)
    expect(canvas?.height).toBeLessThanOrEqual(height)
    expect(Math.abs((canvas?.width ?? 0) - (canvas?.height ?? 1))).toBeLessThan(2)
    expect(await frame.boundingBox()).toEqual(before)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await page.screenshot({ path: `test-results/large-picture-${width}.png` })
  })
}

test('a picture without transparency fills its square, and is drawn by turns', async ({ page }) => {
  test.setTimeout(120_000)
  const model = scheduled('tiny-sd35', [
    [8, 1],
    [48, 0.7],
  ])
  await page.goto(server.url + site({ model }))
  await expectState(page, 'ready')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const picture = await framePixels(page)
  expect([picture.width, picture.height]).toEqual([384, 384])
  expect(picture.data.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true)
  await expect(page.getByTestId('more')).toBeDisabled()
  await expect(page.getByTestId('distance-words')).toHaveText('This model cannot begin from a picture.')
  await page.screenshot({ path: 'test-results/opaque-picture.png' })
})

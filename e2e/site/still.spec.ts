import { expect, type Page, test } from '@playwright/test'
import { draw, expectState, site } from '../testing/pages'

/** Nothing moves under the pointer: layout shift, as the browser counts it, while the page loads and while it draws. */
type Shift = readonly [value: number, where: string]

async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(globalThis, { shifts: [] as unknown[] })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        sources?: { node?: Element }[]
      })[]) {
        const where = entry.sources?.map(({ node }) => node?.id || node?.className || node?.nodeName).join()
        ;(globalThis as unknown as { shifts: unknown[] }).shifts.push([entry.value, where])
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

/** What moved since this was asked last. */
function takeShifts(page: Page): Promise<Shift[]> {
  return page.evaluate(() => (globalThis as unknown as { shifts: Shift[] }).shifts.splice(0))
}

const sum = (all: readonly Shift[]): number => all.reduce((before, [value]) => before + value, 0)

async function expectStill(page: Page, what: string): Promise<void> {
  await page.waitForTimeout(300)
  const shifts = await takeShifts(page)
  expect(sum(shifts), `${what}: ${JSON.stringify(shifts)}`).toBeLessThanOrEqual(0.001)
}

for (const width of [1440, 1024, 390, 320]) {
  test(`nothing moves at ${width} px: not while it loads, not while it draws`, async ({ page }) => {
    test.slow()
    await page.setViewportSize({ width, height: 800 })
    await watchShifts(page)
    await page.goto(site({ model: 'models/emoji/manifest.json' }))
    await expectState(page, 'ready')
    await page.waitForTimeout(500)
    const loading = await takeShifts(page)
    expect(sum(loading), JSON.stringify(loading)).toBeLessThanOrEqual(0.02)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    await draw(page, 'two cats')
    await expectState(page, 'done')
    await expectStill(page, 'two prompts')
    await draw(page, 'a submarine') // It has a warning.
    await expectState(page, 'done')
    await expect(page.getByTestId('warnings')).toContainText('submarine')
    await expectStill(page, 'a prompt with a word that is not known')
    await page.getByTestId('more').click()
    await expectState(page, 'drawing')
    await expectState(page, 'done')
    await expectStill(page, 'four more like this')
    await draw(page, 'a tree')
    await expectState(page, 'drawing')
    await page.getByTestId('cancel').click()
    await expectState(page, 'cancelled')
    await expectStill(page, 'a drawing that is cancelled')
  })
}

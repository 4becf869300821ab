import { expect, type Page, test } from '@playwright/test'
import type { ImageRequest } from '../../src/react'
import { source } from '../testing/pages'

/** The React hook under StrictMode, which mounts every component twice. */
const tiny = { model: '/models/tiny', backend: 'wasm' } as const

async function openPage(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const counted = { made: 0, ended: 0 }
    Object.assign(window, { counted })
    const Native = window.Worker
    window.Worker = class extends Native {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given)
        counted.made++
      }
      override terminate(): void {
        counted.ended++
        super.terminate()
      }
    }
  })
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.evaluate((address) => import(address), `${source}/e2e/library/react-page.ts`)
}

const render = (page: Page, ...requests: ImageRequest[]) =>
  page.evaluate((all) => window.react.render(...all), requests)
const workers = (page: Page) =>
  page.evaluate(() => (window as unknown as { counted: { made: number; ended: number } }).counted)
const shown = (page: Page, index = 0) =>
  page
    .locator('canvas')
    .nth(index)
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())
const drawn = (page: Page, index = 0) => page.locator('canvas').nth(index)

test('components of one model share an engine, which ends with the last of them', async ({ page }) => {
  await openPage(page)
  await render(page, { ...tiny, prompt: 'a red apple' }, { ...tiny, prompt: 'a red apple', seed: 7 })
  await expect(drawn(page, 0)).toHaveAttribute('data-seed', '0')
  await expect(drawn(page, 1)).toHaveAttribute('data-seed', '7')
  expect(await shown(page, 0)).not.toBe(await shown(page, 1))
  expect(await workers(page)).toEqual({ made: 1, ended: 0 })
  await render(page, { ...tiny, prompt: 'two cats' })
  await expect(drawn(page)).toHaveAttribute('data-drawing', 'false')
  expect(await workers(page)).toEqual({ made: 1, ended: 0 })
  await render(page)
  await expect.poll(() => workers(page)).toEqual({ made: 1, ended: 1 })
})

test('the newest request is drawn; those before it are cancelled without an error', async ({ page }) => {
  await openPage(page)
  for (const prompt of ['a', 'a r', 'a red', 'a red apple']) await render(page, { ...tiny, prompt })
  await expect(drawn(page)).toHaveAttribute('data-seed', '0')
  await expect(drawn(page)).toHaveAttribute('data-error', '')
  const last = await shown(page)
  await render(page, { ...tiny, prompt: 'two cats' })
  await expect(drawn(page)).toHaveAttribute('data-drawing', 'true')
  await expect(drawn(page)).toHaveAttribute('data-drawing', 'false')
  expect(await shown(page)).not.toBe(last)
  await render(page, { ...tiny, prompt: 'a red apple' })
  await expect.poll(() => shown(page)).toBe(last)
})

test('without a prompt nothing is loaded; an error is told and the next request draws', async ({ page }) => {
  await openPage(page)
  await render(page, { ...tiny, prompt: undefined })
  await page.waitForTimeout(300)
  expect(await workers(page)).toEqual({ made: 0, ended: 0 })
  await render(page, { ...tiny, prompt: 'a red apple', schedule: 'no such' })
  await expect(drawn(page)).toHaveAttribute('data-error', 'UnknownSchedule')
  await expect(drawn(page)).toHaveAttribute('data-drawing', 'false')
  await render(page, { ...tiny, prompt: 'a red apple' })
  await expect(drawn(page)).toHaveAttribute('data-seed', '0')
  await expect(drawn(page)).toHaveAttribute('data-error', '')
})

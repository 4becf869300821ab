import { expect, test } from '@playwright/test'
import { draw, expectState, framePixels, site } from '../testing/pages'

test('the default model draws a red apple', async ({ page }) => {
  await page.goto(`${site({ backend: 'wasm' }).replace(/model=[^&]*&/, '')}`)
  await expectState(page, 'ready')
  await page.getByTestId('seed').fill('0')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const { data } = await framePixels(page)
  const sum = { opaque: 0, red: 0, green: 0, blue: 0 }
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.slice(at, at + 4)
    if (alpha < 200) continue
    sum.opaque++
    sum.red += red
    sum.green += green
    sum.blue += blue
  }
  const pixels = data.length / 4
  expect(sum.opaque / pixels).toBeGreaterThan(0.15)
  expect(sum.opaque / pixels).toBeLessThan(0.95)
  expect(sum.red).toBeGreaterThan(1.3 * sum.green)
  expect(sum.red).toBeGreaterThan(1.3 * sum.blue)
})

import { expect, test } from '@playwright/test'
import { expectState, site } from '../testing/pages'

test('one progress for the first load: bytes, time left, the runtime among them, and never backwards', async ({
  page,
}) => {
  test.slow()
  for (const [file, ms] of [
    ['decoder.onnx', 2_500],
    ['encoder.onnx', 4_000],
  ] as const) {
    await page.route(`**/models/emoji/${file}`, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      await route.continue()
    })
  }
  await page.addInitScript(() => {
    const seen: { part: number; words: string }[] = []
    Object.assign(globalThis, { seen })
    new MutationObserver(() => {
      const bar = document.getElementById('loading-total') as HTMLProgressElement | null
      const words = document.getElementById('loading-bytes')?.textContent
      if (bar && words) seen.push({ part: bar.value, words })
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
  })
  await page.goto(site({ model: 'models/emoji/manifest.json' }))
  await expectState(page, 'ready')
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: { part: number; words: string }[] }).seen)
  const parts = seen.map(({ part }) => part)
  expect(parts).toEqual(parts.toSorted((one, other) => one - other))
  const all = seen.map(({ words }) => words).join('\n')
  expect(all).toMatch(/^[\d.]+ MB of [\d.]+ MB/m)
  expect(all).toMatch(/about \d+ s left/)
  const row = page.locator('#loading-files li', { hasText: 'onnxruntime-web' })
  await expect(row).toContainText('MB')
  // Of the model alone it would be 30 MB.
  const wanted = Math.max(...[...all.matchAll(/ of ([\d.]+) MB/g)].map(([, megabytes]) => Number(megabytes)))
  expect(wanted).toBeGreaterThan(40)
})

test('each term has its explanation at hand, opened and closed by keyboard', async ({ page }) => {
  await page.goto(site())
  for (const [term, words] of [
    ['style', 'Words that are added to yours'],
    ['seed', 'The number that the noise is made from'],
    ['schedule', 'Which sizes the picture grows through'],
  ] as const) {
    const button = page.getByRole('button', { name: `What is the ${term}?` })
    await button.press('Enter')
    const explained = page.locator(`#about-${term}`)
    await expect(explained).toContainText(words)
    await expect(explained).toBeInViewport({ ratio: 1 })
    await page.keyboard.press('Escape')
    await expect(explained).toBeHidden()
    await expect(button).toBeFocused()
  }
})

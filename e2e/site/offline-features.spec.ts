import { expect, test } from '@playwright/test'
import { draw, drawnAnew, expectState, framePixels, pageErrors, site } from '../testing/pages'
import { startServer } from '../testing/server'
import { drop, openPanel, take } from '../testing/take-away'
import { goOffline } from '../testing/visit'

/** What one does with a picture, without a network, with the model that ships; the gallery and the files have specs of their own. */
test.use({ serviceWorkers: 'allow' })

test('after one visit a doodle, variations, comparing, the scales, words and a dropped file need no network', async ({
  page,
}) => {
  test.setTimeout(180_000)
  const errors = pageErrors(page)
  const address = site({ model: 'models/emoji/manifest.json' })
  const server = await startServer()
  try {
    await page.goto(server.url + address)
    await expectState(page, 'ready')
    await expect(page.getByTestId('stored-offline')).toContainText('Works offline')
    await goOffline(page, server)
    await page.goto(server.url + address)
    await expect(page.getByRole('img', { name: 'A fox face wearing sunglasses' })).toBeVisible()
    await expectState(page, 'ready')
    await expect(page.getByTestId('network')).toHaveText('Offline')
    await expect(page.getByTestId('warnings')).toBeEmpty()

    await page.getByTestId('prompt').fill('a submarine')
    await expect(page.getByTestId('hint')).toContainText('Does not know “submarine”')
    await page.getByTestId('prompt').fill('')
    await page.getByRole('button', { name: 'Surprise me' }).click()
    await drawnAnew(page)

    await page.getByTestId('start').locator('summary').click()
    await page.getByTestId('sketch').click()
    await draw(page, 'a red ball')
    await drawnAnew(page)
    await page.getByTestId('start-clear').click()

    await page.getByTestId('more').click()
    await drawnAnew(page)
    await expect(page.getByTestId('pictures').getByRole('button')).toHaveCount(4)

    await page.getByTestId('compare').click()
    await page.getByTestId('compare-draw').click()
    await drawnAnew(page)
    await expect(page.getByTestId('compare-right-view').locator('canvas')).toBeVisible()
    await page.keyboard.press('Escape')

    await page.getByTestId('how').locator('summary').click()
    await page.getByTestId('how-replay').click()
    await expect(page.getByTestId('how-now')).toContainText('cells')

    await draw(page, 'a green car')
    await drawnAnew(page)
    await expect(page.getByTestId('warnings')).toBeEmpty()
    const car = JSON.stringify(await framePixels(page))
    await openPanel(page)
    const { bytes } = await take(page, 'away-png')
    await page.keyboard.press('Escape')
    await page.goto(server.url + address)
    await expectState(page, 'ready')
    await drop(page, bytes)
    await drawnAnew(page)
    await expect(page.getByTestId('prompt')).toHaveValue('a green car')
    await expect.poll(async () => JSON.stringify(await framePixels(page))).toBe(car)
    // The browser's own word for what was asked of a server first.
    expect(errors.filter((error) => !error.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([])
  } finally {
    await server.stop()
  }
})

import { expect, type Page, test } from '@playwright/test'
import { expectState, pageErrors, site } from '../testing/pages'
import { startServer } from '../testing/server'
import { goOffline } from '../testing/visit'

/** What the page says of a prompt before it draws. Words need no weights: most of this runs while the model loads. */
const emoji = site({ model: 'models/emoji/manifest.json' })

const hint = (page: Page) => page.getByTestId('hint')
const chips = (page: Page) => page.getByTestId('examples')

test.beforeEach(async ({ page }) => {
  await page.goto(emoji)
  await expect(chips(page).getByRole('button', { name: 'Surprise me' })).toBeVisible()
})

test('a word that the model never learned is marked as one types, and near ones are offered', async ({ page }) => {
  const prompt = page.getByTestId('prompt')
  await prompt.pressSequentially('a green submarine and a cat')
  await expect(page.locator('#prompt-marks mark')).toHaveText('submarine')
  await expect(hint(page)).toContainText('Does not know “submarine”. Try')
  await expect(prompt).toHaveAccessibleDescription(/Does not know “submarine”/)
  await chips(page).getByRole('button', { name: 'Take speedboat for submarine' }).click()
  await expect(prompt).toHaveValue('a green speedboat and a cat')
  await expect(hint(page)).toBeEmpty()
  await expect(page.locator('#prompt-marks mark')).toHaveCount(0)
  // What to try stands right behind the word.
  await prompt.fill('a submarine and 🍎')
  await expect(hint(page)).toHaveText('“🍎” is drawn as “apple”. Does not know “submarine”. Try')
})

test('the row keeps its place and its height whatever it says', async ({ page }) => {
  const prompt = page.getByTestId('prompt')
  const place = () => page.getByTestId('frame').boundingBox()
  const before = await place()
  for (const words of [
    'a submarine',
    'gato',
    'a str',
    'a cat with a very long submarine, a knight and a spaceship',
    '',
  ]) {
    await prompt.fill(words)
    await page.waitForTimeout(200)
    expect(await place(), words).toEqual(before)
    await page.waitForTimeout(1_200)
    expect(await place(), words).toEqual(before)
  }
})

test('completions: by keyboard alone, back and forth', async ({ page }) => {
  const prompt = page.getByTestId('prompt')
  await prompt.pressSequentially('a red strawb')
  await expect(chips(page)).toHaveAttribute('aria-label', 'Go on with')
  await prompt.press('ArrowDown')
  await expect(chips(page).getByRole('button', { name: 'strawberry' })).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(prompt).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(prompt).toHaveValue('a red strawberry')
  await expect(prompt).toBeFocused()
})

for (const [typed, said] of [
  ['🐱', '“🐱” is drawn as “cat”.'],
  ['gatto', '“gatto” (Italian) is drawn as “cat”.'],
  ['кошка', '“кошка” (Russian) is drawn as “cat”.'],
  ['りんご', '“りんご” (Japanese) is drawn as “apple”.'],
] as const) {
  test(`${typed}: says what is drawn`, async ({ page }) => {
    await page.getByTestId('prompt').fill(typed)
    await expect(hint(page)).toContainText(said)
  })
}

test('an emoji is drawn by its name; an unknown word is drawn with a warning; an empty prompt is asked for', async ({
  page,
}) => {
  test.slow() // The shipped model on the CPU.
  const errors = pageErrors(page)
  await expectState(page, 'ready')
  await page.getByTestId('draw').click()
  await expect(page.getByTestId('status')).toContainText('Say what to draw first')
  await expect(page.getByTestId('prompt')).toBeFocused()
  await page.getByTestId('schedule').selectOption('quick')
  await page.getByTestId('prompt').fill('🍎')
  await page.getByTestId('draw').click()
  await expectState(page, 'done')
  expect(page.url()).toContain('prompt=apple')
  await expect(page.getByTestId('warnings')).toBeEmpty()
  await page.getByTestId('prompt').fill('a submarine')
  await page.getByTestId('draw').click()
  await expect(page.getByTestId('warnings')).toContainText('never learned “submarine”')
  await expectState(page, 'done')
  await chips(page).getByRole('button').first().click()
  await expect(page.getByTestId('prompt')).not.toHaveValue(/submarine/)
  expect(errors).toEqual([])
})

test('Surprise me draws something whose every word is known', async ({ page }) => {
  await expectState(page, 'ready')
  await page.getByTestId('schedule').selectOption('quick')
  await chips(page).getByRole('button', { name: 'Surprise me' }).click()
  await expectState(page, 'done')
  await expect(page.getByTestId('prompt')).not.toHaveValue('')
  await expect(page.getByTestId('warnings')).toBeEmpty()
})

test('a model without a vocabulary has examples and nothing to say', async ({ page }) => {
  await page.goto(site())
  await expectState(page, 'ready')
  await page.getByTestId('prompt').fill('a submarine')
  await expect(chips(page).getByRole('button')).not.toHaveCount(0)
  await page.waitForTimeout(1_500)
  await expect(hint(page)).toBeEmpty()
})

test.describe('offline', () => {
  test.use({ serviceWorkers: 'allow' })
  test('words of a language that was never asked for are known', async ({ page }) => {
    const server = await startServer()
    try {
      await page.goto(server.url + site())
      await expectState(page, 'ready')
      await expect(page.getByTestId('stored-offline')).toContainText('Works offline')
      await goOffline(page, server)
      await page.goto(server.url + emoji)
      await page.getByTestId('prompt').fill('고양이')
      await expect(hint(page)).toContainText('“고양이” (Korean) is drawn as “cat”.')
    } finally {
      await server.stop()
    }
  })
})

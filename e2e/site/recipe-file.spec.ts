import { expect, test } from '@playwright/test'
import { PNG } from 'pngjs'
import { recipeOf, withRecipe } from '../../src/demo/draw/recipe-file'
import { draw, expectState, framePixels, pageErrors, site } from '../testing/pages'
import { drawn, drop, saved } from '../testing/take-away'

test.describe('the recipe in a saved picture', () => {
  test('is there, and dropping the file on a new page draws the same picture again', async ({ page }) => {
    const errors = pageErrors(page)
    await page.goto(site())
    await expectState(page, 'ready')
    const schedule = await page.getByTestId('schedule').locator('option').last().getAttribute('value')
    await page.getByTestId('schedule').selectOption(schedule)
    await page.getByTestId('seed').fill('18446744073709551615')
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    const before = await framePixels(page)
    const file = await saved(page, () => page.getByTestId('download').click())
    expect(file.name).toBe('a-red-apple-18446744073709551615.png')
    await expect(page.getByTestId('status')).toContainText('drop the file here')
    const picture = PNG.sync.read(file.bytes)
    expect([picture.width, picture.height]).toEqual([before.width, before.height])
    expect(await recipeOf(new Blob([file.bytes]))).toEqual({
      recipe: { prompt: 'a red apple', seed: 2n ** 64n - 1n, style: '', schedule },
      model: 'Tiny 0.1.0',
      started: false,
    })

    await page.goto('about:blank')
    await page.goto(site())
    await expectState(page, 'ready')
    await drop(page, file.bytes)
    await expectState(page, 'done')
    await expect(page.getByTestId('prompt')).toHaveValue('a red apple')
    await expect(page.getByTestId('seed')).toHaveValue('18446744073709551615')
    await expect(page.getByTestId('schedule')).toHaveValue(schedule ?? '')
    expect(await framePixels(page)).toEqual(before)
    expect(errors).toEqual([])
  })

  test('a file without one, or one cut short, says so where the model cannot start from it', async ({ page }) => {
    await page.goto(site())
    await expectState(page, 'ready')
    const plain = PNG.sync.write(new PNG({ width: 8, height: 8 }))
    for (const bytes of [plain, plain.subarray(0, 30), Buffer.from([])]) {
      await page.evaluate(() => document.querySelector('#status')?.replaceChildren())
      await drop(page, bytes)
      await expect(page.getByTestId('status')).toContainText('That file does not tell how to draw it')
    }
    await expectState(page, 'ready')
  })

  test('of another model says that the picture will be another', async ({ page }) => {
    await drawn(page)
    const file = await saved(page, () => page.getByTestId('download').click())
    // The same number of bytes; a reader of text does not check the checksum, and browsers skip such a chunk.
    const other = Buffer.from(file.bytes.toString('latin1').replace('Tiny 0.1.0', 'Tiny 9.9.9'), 'latin1')
    await drop(page, other)
    await expectState(page, 'done')
    await expect(page.locator('#warnings')).toContainText('Tiny 9.9.9 drew that file; Tiny 0.1.0 draws another picture')
  })

  test('of a picture that began from another one fills in the words, and draws nothing', async ({ page }) => {
    await page.goto(site())
    await expectState(page, 'ready')
    const plain = new Blob([new Uint8Array(PNG.sync.write(new PNG({ width: 8, height: 8 })))])
    const recipe = { prompt: 'two cats', seed: 7n, style: '', schedule: 'default', count: 1 }
    const file = await withRecipe(plain, { recipe, model: undefined, started: true })
    await drop(page, new Uint8Array(await file.arrayBuffer()))
    await expect(page.getByTestId('status')).toContainText('The picture that it started from is not in the file')
    await expect(page.getByTestId('prompt')).toHaveValue('two cats')
    await expect(page.getByTestId('seed')).toHaveValue('7')
    await expectState(page, 'ready')
  })
})

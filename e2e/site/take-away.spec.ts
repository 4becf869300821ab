import { readFileSync } from 'node:fs'
import { type Download, expect, type Page, test } from '@playwright/test'
import { PNG } from 'pngjs'
import { recipeOf } from '../../src/demo/draw/recipe-file'
import { draw, expectState, framePixels, pageErrors, site } from '../testing/pages'

/** Pictures that leave the page: their bytes, their sizes, and the way back. */
async function bytesOf(download: Download): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(readFileSync(await download.path()))
}

async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; bytes: Buffer<ArrayBuffer> }> {
  const coming = page.waitForEvent('download')
  await press()
  const download = await coming
  return { name: download.suggestedFilename(), bytes: await bytesOf(download) }
}

async function drop(page: Page, bytes: Uint8Array, name = 'picture.png'): Promise<void> {
  await page.evaluate(
    ([all, called]) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(all)], called, { type: 'image/png' }))
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
    },
    [[...bytes], name] as const,
  )
}

async function drawn(page: Page, prompt = 'a red apple'): Promise<void> {
  await page.goto(site())
  await draw(page, prompt)
  await expectState(page, 'done')
}

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
})

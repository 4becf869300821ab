import { expect, type Page, test } from '@playwright/test'
import { draw, expectState, framePixels, pageErrors, site } from '../testing/pages'

/** Pictures that begin from a doodle, from a file or from another picture, with the model that ships. */
const emoji = { model: 'models/emoji/manifest.json' }
const sketch = (page: Page) => page.getByTestId('sketch')
const summary = (page: Page) => page.getByTestId('start').locator('summary')

async function openPanel(page: Page): Promise<void> {
  await page.goto(site(emoji))
  await summary(page).click()
  await expectState(page, 'ready')
}

/** A stroke across the canvas, in parts of its side. */
async function stroke(page: Page, ...points: readonly (readonly [number, number])[]): Promise<void> {
  const box = await sketch(page).boundingBox()
  if (!box) throw new Error('The canvas has no place.')
  for (const [index, [x, y]] of points.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height)
    if (index === 0) await page.mouse.down()
  }
  await page.mouse.up()
}

/** Of what is drawn in the frame, over white: the mean colour of the opaque part, and where it lies, in parts of the side. */
async function seen(page: Page): Promise<{ red: number; green: number; blue: number; x: number; part: number }> {
  const { width, data } = await framePixels(page)
  const sum = { red: 0, green: 0, blue: 0, x: 0, part: 0 }
  let covered = 0
  for (let at = 0; at < data.length; at += 4) {
    const alpha = (data[at + 3] ?? 0) / 255
    covered += alpha
    sum.red += alpha * (data[at] ?? 0)
    sum.green += alpha * (data[at + 1] ?? 0)
    sum.blue += alpha * (data[at + 2] ?? 0)
    sum.x += alpha * ((at / 4) % width)
  }
  const mean = (value: number): number => value / Math.max(1, covered)
  const x = mean(sum.x) / width
  return {
    red: mean(sum.red),
    green: mean(sum.green),
    blue: mean(sum.blue),
    x,
    part: covered / (data.length / 4),
  }
}

/** A PNG of one colour, with a hole where `hole` says. */
function png(page: Page, width: number, height: number, colour: string): Promise<number[]> {
  return page.evaluate(
    async ([wide, high, fill]) => {
      const canvas = new OffscreenCanvas(wide, high)
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
      context.fillStyle = fill
      context.fillRect(0, 0, wide, high)
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]
    },
    [width, height, colour] as const,
  )
}

test('a doodle in a place and a colour becomes a thing in that place and colour', async ({ page }) => {
  const errors = pageErrors(page)
  await openPanel(page)
  await sketch(page).click() // A dot, as for an eye.
  await expect(page.getByTestId('start-state')).toHaveText('The next drawing starts from this.')
  await page.getByTestId('start-undo').click()
  await expect(page.getByTestId('start-state')).toHaveText('Empty: drawings start from noise.')
  await page.getByTestId('start').getByRole('radio', { name: 'Blue' }).check()
  await page.getByTestId('start').getByRole('radio', { name: 'Broad' }).check()
  await stroke(page, [0.2, 0.3], [0.3, 0.35], [0.2, 0.45], [0.3, 0.5], [0.2, 0.6], [0.3, 0.3], [0.25, 0.6])
  await expect(page.getByTestId('start-state')).toHaveText('The next drawing starts from this.')
  await page.getByTestId('start-strength').selectOption({ label: 'its shapes' })
  await draw(page, 'a balloon')
  await expectState(page, 'done')
  const picture = await seen(page)
  expect(picture.x).toBeLessThan(0.4)
  expect(picture.blue).toBeGreaterThan(picture.red + 30)
  expect(picture.part).toBeLessThan(0.4)
  // The first two scales are left out; the others can be looked at.
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(2)

  await page.getByTestId('start-clear').click()
  await expect(page.getByTestId('start-state')).toContainText('Empty')
  await page.getByTestId('start-undo').click()
  await expect(page.getByTestId('start-state')).toHaveText('The next drawing starts from this.')
  expect(errors).toEqual([])
})

test('the doodle comes back with its picture: from the gallery, and after a reload', async ({ page }) => {
  await openPanel(page)
  await stroke(page, [0.3, 0.3], [0.7, 0.7])
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const drawn = JSON.stringify(await framePixels(page))
  await page.getByTestId('start-clear').click()
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const gallery = page.getByTestId('gallery').getByRole('listitem')
  await expect(gallery).toHaveCount(2)
  await gallery.first().getByRole('button', { name: /^Open/ }).click()
  await expect(page.getByTestId('status')).toContainText('From the gallery')
  expect(JSON.stringify(await framePixels(page))).toBe(drawn)
  await expect(page.getByTestId('start-state')).toHaveText('The next drawing starts from this.')
  await page.reload()
  await expect(page.getByTestId('status')).toContainText('From the gallery')
  expect(JSON.stringify(await framePixels(page))).toBe(drawn)
  await page.getByTestId('draw').click()
  await expectState(page, 'drawing')
  await expectState(page, 'done')
  expect(JSON.stringify(await framePixels(page))).toBe(drawn)
})

test('while one draws, it redraws with the same noise and keeps nothing until asked to', async ({ page }) => {
  await openPanel(page)
  await page.getByTestId('prompt').fill('a green frog')
  await page.getByTestId('start-live').check()
  await stroke(page, [0.3, 0.5], [0.7, 0.5])
  await expectState(page, 'done')
  const seed = await page.getByTestId('seed').inputValue()
  const first = JSON.stringify(await framePixels(page))
  await stroke(page, [0.5, 0.2], [0.5, 0.8])
  await expect.poll(async () => JSON.stringify(await framePixels(page))).not.toBe(first)
  await expectState(page, 'done')
  await expect(page.getByTestId('seed')).toHaveValue(seed)
  await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(0)
  await page.getByTestId('draw').click()
  await expectState(page, 'drawing')
  await expectState(page, 'done')
  await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(1)
})

test('a file is chosen, dropped or pasted; what is no picture is told in words', async ({ page }) => {
  await openPanel(page)
  const red = Buffer.from(await png(page, 300, 100, '#d62828'))
  await page.getByTestId('start-file').setInputFiles({ name: 'wide.png', mimeType: 'image/png', buffer: red })
  await expect(page.getByTestId('start-state')).toHaveText('The next drawing starts from this.')
  // Whole within the square: a third of its height.
  const covered = await sketch(page).evaluate((element: HTMLCanvasElement) => {
    const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? []
    return pixels.filter((value, index) => index % 4 === 3 && value > 127).length / (element.width * element.height)
  })
  expect(covered).toBeCloseTo(1 / 3, 1)

  for (const { name, type, bytes, words } of [
    { name: 'notes.txt', type: 'text/plain', bytes: [1, 2, 3], words: 'cannot read that as a picture (text/plain)' },
    { name: 'cut.png', type: 'image/png', bytes: [...red.subarray(0, 40)], words: 'cannot read that as a picture' },
    { name: 'empty.png', type: 'image/png', bytes: [], words: 'That file is empty' },
  ]) {
    await page.getByTestId('start-file').setInputFiles({ name, mimeType: type, buffer: Buffer.from(bytes) })
    await expect(page.getByTestId('status')).toContainText(words)
    await expect(page.getByTestId('start-state')).toHaveText('The next drawing starts from this.')
  }

  for (const kind of ['drop', 'paste'] as const) {
    await page.getByTestId('start-clear').click()
    await expect(page.getByTestId('start-state')).toContainText('Empty')
    await page.evaluate(
      ([event, bytes]) => {
        const data = new DataTransfer()
        data.items.add(new File([new Uint8Array(bytes)], 'red.png', { type: 'image/png' }))
        const init = { bubbles: true, cancelable: true }
        document.body.dispatchEvent(
          event === 'drop'
            ? new DragEvent('drop', { ...init, dataTransfer: data })
            : new ClipboardEvent('paste', { ...init, clipboardData: data }),
        )
      },
      [kind, [...red]] as const,
    )
    await expect(page.getByTestId('start-state'), kind).toHaveText('The next drawing starts from this.')
  }
  // Without a word: it is refined.
  await page.getByTestId('prompt').fill('')
  await page.getByTestId('draw').click()
  await expectState(page, 'done')
  const picture = await seen(page)
  expect(picture.red).toBeGreaterThan(picture.green + 40)
})

test('more like this draws four that begin from the picture, as close to it as the slider says', async ({ page }) => {
  test.slow()
  await page.goto(site({ ...emoji, hash: '#prompt=a+red+car&seed=7' }))
  await expectState(page, 'done')
  const car = await framePixels(page)
  const slider = page.getByRole('slider', { name: 'From close to it to far from it' })
  const drawFour = async (): Promise<number> => {
    await page.getByTestId('prompt').fill('something else') // Its own words are drawn.
    await page.getByTestId('more').click()
    await expectState(page, 'drawing')
    await expectState(page, 'done')
    await expect(page.getByTestId('prompt')).toHaveValue('a red car')
    await expect(page.getByTestId('pictures').getByRole('button')).toHaveCount(4)
    await expect(page.getByTestId('seed')).not.toHaveValue('7')
    await expect(page.getByTestId('start')).toHaveAttribute('data-used', 'false') // The next drawing starts from noise.
    await expect(page.getByRole('radio', { name: '1' })).toBeChecked() // And is one picture, as the visitor chose.
    let sum = 0
    for (const index of [0, 1, 2, 3]) {
      const { width, data } = await framePixels(page, index)
      expect(width).toBe(256)
      sum += data.reduce((before, value, at) => before + Math.abs(value - (car.data[at] ?? 0)), 0)
    }
    return sum
  }
  await expect(slider).toHaveAttribute('aria-valuetext', 'keeps its places and colours, from 12 cells on')
  const far = await drawFour()
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(3)
  await page.goBack()
  await expect(page.getByTestId('status')).toContainText('From the gallery')
  await slider.press('Home')
  await expect(page.getByTestId('distance-words')).toContainText('16 × 16 cells on: keeps nearly all of it')
  const close = await drawFour()
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(1)
  expect(close).toBeLessThan(0.8 * far)
  await page.getByTestId('gallery').getByRole('button', { name: /^Open/ }).last().click()
  await expect(page.getByTestId('start-strength')).toHaveValue('0.55')
  await expect(page.getByTestId('start-state')).toHaveText('The next drawing starts from this.')
  // It belongs to its words: others do not begin from a car.
  await draw(page, 'a tree')
  await expectState(page, 'drawing')
  await expectState(page, 'done')
  await expect(page.getByTestId('start-state')).toHaveText('Empty: drawings start from noise.')
  await expect(page.getByTestId('strip').locator('[data-scale=done]')).toHaveCount(4)
})

test('a model without an encoder says so', async ({ page }) => {
  await page.goto(site())
  await summary(page).click()
  await expectState(page, 'ready')
  await expect(page.getByTestId('start')).toContainText('cannot start from a picture')
  await expect(sketch(page)).toBeHidden()
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  await expect(page.getByTestId('more')).toBeDisabled()
  await expect(page.getByTestId('distance')).toBeDisabled()
})

import { expect, type Page, test } from '@playwright/test'
import { pageErrors } from '../testing/pages'
import {
  drawSets,
  expectNoNames,
  expectPair,
  exported,
  freshPage,
  judge,
  names,
  pictureOfA,
  prompts,
  type StudySets,
  shownPictures,
  start,
} from './study'

let sets: StudySets

test.beforeAll(() => {
  test.setTimeout(120_000)
  sets = drawSets()
})

test.afterAll(() => sets.remove())

test('judged by keys, reloaded, continued, exported, and the same result from the file elsewhere', async ({
  browser,
}) => {
  const page = await freshPage(browser)
  const errors = pageErrors(page)
  await start(page, sets)
  await expectNoNames(page)
  const pictures = await shownPictures(page)
  await judge(page, '1123')
  await expectPair(page, 2)
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowDown')
  await expect(page.getByTestId('question-aesthetics').getByRole('radio', { name: 'Equal' })).toBeChecked()

  await page.reload()
  await expectPair(page, 2)
  await expectNoNames(page)
  await expect(page.getByTestId('question-relevance').getByRole('radio', { name: 'Left' })).toBeChecked()
  await expect(page.getByTestId('question-complexity').getByRole('radio', { checked: true })).toHaveCount(0)
  await judge(page, '33')
  await expectPair(page, 3)
  await page.keyboard.press('s')
  await expectPair(page, 4)
  await judge(page, '2222')

  await expect(page.getByTestId('result-words')).toHaveText(
    `A: ${names.a} against B: ${names.b}. 4 of 4 pairs judged, 1 of them skipped. Seed 7.`,
  )
  await expect(page.getByTestId('result-questions').getByRole('article')).toHaveCount(4)
  const { path, file } = await exported(page, 'export')
  expect(file.sets).toMatchObject({ a: { name: names.a }, b: { name: names.b } })
  expect(file.votes).toHaveLength(12)
  expect(file.skipped).toHaveLength(1)
  // The side in the file is where set A's picture was.
  const first = file.votes.find(({ prompt }) => prompt === pictures.prompt)
  const png = pictureOfA(sets, pictures.prompt)
  expect(png.equals(first?.sideOfA === 'left' ? pictures.left : pictures.right)).toBe(true)
  expect(file.votes.filter(({ prompt }) => prompt === pictures.prompt).map(({ answer }) => answer)).toEqual([
    ...['left', 'left', 'equal', 'right'],
  ])
  for (const { ms } of file.votes) expect(ms).toBeGreaterThanOrEqual(0)

  const elsewhere = await freshPage(browser)
  await elsewhere.goto('/study.html')
  await elsewhere.getByTestId('import').setInputFiles(path)
  for (const id of ['result-words', 'result-questions']) {
    const words = await page.getByTestId(id).innerText()
    await expect(elsewhere.getByTestId(id)).toBeVisible()
    expect(await elsewhere.getByTestId(id).innerText()).toBe(words)
  }
  const rows = (of: Page) =>
    of
      .getByTestId('result-pairs')
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].slice(-6).map((cell) => cell.textContent)))
  expect(await rows(elsewhere)).toEqual(await rows(page))
  expect(await rows(page)).toHaveLength(3)
  expect(errors).toEqual([])
  await elsewhere.context().close()
  await page.context().close()
})

test('undo takes back the last pair, skipped or judged, also after a reload', async ({ page }) => {
  await start(page, sets)
  await expect(page.getByTestId('undo')).toBeDisabled()
  await judge(page, '1111')
  await page.keyboard.press('s')
  await expectPair(page, 3)
  await page.keyboard.press('u')
  await expectPair(page, 2)
  await page.keyboard.press('u')
  await expectPair(page, 1)
  await expect(page.getByTestId('questions').getByRole('radio', { checked: true })).toHaveCount(0)
  await judge(page, '3333')
  await expectPair(page, 2)
  await page.reload()
  await expectPair(page, 2)
  await page.getByTestId('undo').click()
  await expectPair(page, 1)
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('said')).toHaveText('Answer all four questions first.')
})

test('two tabs on one study lose no votes', async ({ context, page }) => {
  await start(page, sets)
  const other = await context.newPage()
  await other.goto('/study.html')
  await expectPair(other, 1)
  // The other tab's view of the study is old by the time it writes.
  await judge(page, '1111')
  await expectPair(page, 2)
  await judge(page, '2222')
  await expectPair(page, 3)
  await other.bringToFront()
  await other.keyboard.press('s') // What the first tab judged is not skipped.
  await expectPair(other, 3)
  await Promise.all([judge(page, '1212'), judge(other, '1212')])
  await expectPair(page, 4)
  const { file } = await exported(other, 'pause')
  expect(file.votes).toHaveLength(12)
  expect(file.skipped).toHaveLength(0)
})

test('the order and the sides follow from the seed alone', async ({ browser }) => {
  test.slow() // Three visits.
  const orders: string[] = []
  for (const seed of ['7', '7', '8']) {
    const page = await freshPage(browser)
    await start(page, sets, seed)
    const seen: string[] = []
    for (let i = 1; i <= prompts.length; i++) {
      await expectPair(page, i)
      const { prompt, left } = await shownPictures(page)
      seen.push(`${prompt}: ${pictureOfA(sets, prompt).equals(left) ? 'A' : 'B'} on the left`)
      await page.keyboard.press('s')
    }
    orders.push(seen.join('; '))
    await page.context().close()
  }
  expect(orders[1]).toBe(orders[0])
  expect(orders[2]).not.toBe(orders[0])
  for (const order of orders) expect(order.match(/A on the left/g)).toHaveLength(2)
})

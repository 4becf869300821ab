import { type Browser, expect, type Page, test } from '@playwright/test'
import { draw, drawnAnew, expectState, site } from '../testing/pages'
import { fillGallery, openPanel, take } from '../testing/take-away'

/**
 * The page's thread while a visitor types and draws. A task is counted by the processor time that it took, as the
 * browser's trace says: on a busy machine its time on the clock says nothing of the page.
 */
const LIMIT_MS = 50

interface Task {
  readonly ms: number
  readonly what: string
}

/** The tasks of the page's main thread while `work` ran, the longest first. */
async function tasksDuring(browser: Browser, page: Page, work: () => Promise<void>): Promise<Task[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] })
  await work()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const names = traceEvents.filter(({ name }) => name === 'thread_name')
  const mains = names.filter(({ args }) => args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid}/${tid}`)
  const onMain = traceEvents.filter(({ pid, tid }) => mains.includes(`${pid}/${tid}`))
  const tasks = onMain.filter(({ name, tdur }) => /RunTask$/.test(name) && tdur !== undefined)
  return tasks
    .sort((one, other) => (other.tdur as number) - (one.tdur as number))
    .slice(0, 5)
    .map((task) => ({ ms: (task.tdur as number) / 1000, what: largestWithin(task, onMain) }))
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  /** Microseconds of processor time. */
  readonly tdur?: number
  readonly args: { readonly name?: string; readonly data?: unknown }
}

function largestWithin(task: TraceEvent, events: readonly TraceEvent[]): string {
  const end = task.ts + (task.dur ?? 0)
  const inside = events.filter(
    (event) =>
      event !== task && event.pid === task.pid && event.ts >= task.ts && event.ts < end && (event.tdur ?? 0) > 5000,
  )
  return inside
    .map(
      ({ name, tdur, args }) => `${name} ${(tdur as number) / 1000} ${JSON.stringify(args.data ?? '').slice(0, 160)}`,
    )
    .join('; ')
}

test('typing, the first picture and later ones leave the page free', async ({ browser }) => {
  test.setTimeout(180_000)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(site({ model: 'models/emoji/manifest.json' }))
  await expectState(page, 'ready')
  const tasks = await tasksDuring(browser, page, async () => {
    await draw(page, 'a red apple')
    await drawnAnew(page)
    const prompt = page.getByTestId('prompt')
    await prompt.fill('')
    await prompt.pressSequentially('a fox with sunglasses on a skateboard', { delay: 20 })
    await prompt.press('Enter')
    await drawnAnew(page)
    await page.getByTestId('strip').getByRole('button').first().click()
    await page.goBack()
    await page.goForward()
  })
  expect(tasks.length).toBe(5)
  expect(tasks[0]?.ms, JSON.stringify(tasks)).toBeLessThan(LIMIT_MS)

  // Such a task would have been seen.
  const [seen] = await tasksDuring(browser, page, async () => {
    await page.evaluate((ms) => {
      const started = performance.now()
      while (performance.now() - started < 3 * ms);
    }, LIMIT_MS)
  })
  expect(seen?.ms).toBeGreaterThan(LIMIT_MS)
  await page.close()
})

/** A page with a picture drawn, and that many in its gallery. */
async function withGallery(browser: Browser, count: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(site({ model: 'models/emoji/manifest.json' }))
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(1)
  await fillGallery(page, count)
  await page.reload()
  await expectState(page, 'done')
  return page
}

test('taking pictures away leaves the page free, a pack of 30 too', async ({ browser }) => {
  test.setTimeout(180_000)
  const page = await withGallery(browser, 30)
  const tasks = await tasksDuring(browser, page, async () => {
    await openPanel(page)
    await expect(page.getByTestId('away-pack-size')).toContainText('30 pictures')
    await page.getByTestId('away-outline').check()
    for (const id of ['away-png', 'away-webp', 'away-large', 'away-emoji', 'away-icons', 'away-reveal', 'away-pack']) {
      expect((await take(page, id)).bytes.length).toBeGreaterThan(1_000)
    }
  })
  expect(tasks[0]?.ms, JSON.stringify(tasks)).toBeLessThan(LIMIT_MS)
  await page.close()
})

test('a doodle, variations, two beside each other, the scales replayed and the gallery leave the page free', async ({
  browser,
}) => {
  test.setTimeout(180_000)
  const page = await withGallery(browser, 100)
  const tasks = await tasksDuring(browser, page, async () => {
    await page.getByTestId('more').click()
    await drawnAnew(page)
    await page.getByTestId('compare').click()
    await page.getByTestId('compare-draw').click()
    await drawnAnew(page)
    await page.keyboard.press('Escape')
    await page.getByTestId('how').locator('summary').click()
    await page.getByTestId('how-replay').click()
    await page.getByTestId('gallery').getByRole('button', { name: /^Open/ }).last().click()
    await expect(page.getByTestId('status')).toContainText('From the gallery')
    if ((await page.getByTestId('start').getAttribute('open')) === null)
      await page.getByTestId('start').locator('summary').click()
    await page.getByTestId('start-live').check()
    const box = await page.getByTestId('sketch').boundingBox()
    if (!box) throw new Error('The canvas has no place.')
    await page.mouse.move(box.x + 40, box.y + 40)
    await page.mouse.down()
    for (let at = 0; at < 60; at++) await page.mouse.move(box.x + 40 + 3 * at, box.y + 40 + 2 * at)
    await page.mouse.up()
    await drawnAnew(page)
    await page.getByTestId('gallery-clear').click()
    await expect(page.getByTestId('gallery').getByRole('listitem')).toHaveCount(0)
    await page.getByTestId('gallery-undo').click()
    await expect(page.getByTestId('gallery-news')).toContainText('back.')
  })
  expect(tasks[0]?.ms, JSON.stringify(tasks)).toBeLessThan(LIMIT_MS)
  await page.close()
})

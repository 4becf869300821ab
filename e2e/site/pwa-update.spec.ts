import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type JSHandle, type Page, test } from '@playwright/test'
import { expectClean } from '../testing/axe'
import { draw, expectState } from '../testing/pages'
import { recordFault } from '../testing/reliability'
import { type FaultServer, startServer } from '../testing/server'
import { visit } from '../testing/visit'

/** A new version of the page: offered, waiting for pictures, and losing nothing. */
test.use({ serviceWorkers: 'allow' })

const folder = process.env.SITE_DIR ?? 'dist'
let server: FaultServer

test.beforeEach(async () => {
  test.slow() // Four pictures, twice, on a machine that may have other things to do.
  server = await startServer()
})

test.afterEach(async () => {
  await server.stop()
})

/** The same page with another title, and a service worker that knows of it. */
function publish(title: string): void {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const worker = readFileSync(join(folder, 'sw.js'), 'utf8')
  const changed = html.replace('<title>scalewise', `<title>${title}`)
  const integrity = `sha384-${createHash('sha384').update(changed).digest('base64')}`
  const changedWorker = worker.replace(
    /("index\.html",revision:")[0-9a-f]{32}(",integrity:")[^"]+/,
    `$1${'0'.repeat(32)}$2${integrity}`,
  )
  expect(changed).not.toBe(html)
  expect(changedWorker).not.toBe(worker)
  server.fault('/index.html', { kind: 'replace', body: Buffer.from(changed) })
  server.fault('/', { kind: 'replace', body: Buffer.from(changed) })
  server.fault('/sw.js', { kind: 'replace', body: Buffer.from(changedWorker) })
}

async function findUpdate(page: Page): Promise<void> {
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
  await expect(page.getByTestId('notice')).toContainText('A new version is ready.')
}

/** Notes, for the page that comes after, what this one was doing when its version was swapped and when it went. */
async function noteStates(page: Page): Promise<void> {
  await page.evaluate(() => {
    const note = (what: string) => sessionStorage.setItem(what, document.body.dataset.state ?? '')
    navigator.serviceWorker.addEventListener('controllerchange', () => note('swapped'))
    addEventListener('pagehide', () => note('left'))
  })
}

function noted(page: Page): Promise<{ swapped: string | null; left: string | null }> {
  return page.evaluate(() => ({ swapped: sessionStorage.getItem('swapped'), left: sessionStorage.getItem('left') }))
}

/** Presses Reload at once, and says what the page was doing then. */
function press(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const state = document.body.dataset.state
    document.querySelector<HTMLButtonElement>('#notice button.strong')?.click()
    return state
  })
}

test('a new version waits for the picture that is being drawn, and loses nothing', async ({ page }, testInfo) => {
  await visit(page, server)
  publish('scalewise 2')
  await findUpdate(page)
  await noteStates(page)
  await page.getByRole('radio', { name: '4' }).check()
  await page.getByTestId('seed').fill('100')
  await draw(page, 'a green car')
  await expectState(page, 'drawing')
  expect(await press(page)).toBe('drawing')
  await expect(page).toHaveTitle('scalewise 2', { timeout: 60_000 })
  const { swapped, left } = await noted(page)
  expect({ swapped, left }).toEqual({ swapped: 'done', left: 'done' })
  await expectState(page, 'done')
  await expect(page.getByTestId('prompt')).toHaveValue('a green car')
  await expect(page.getByTestId('status')).toContainText('Seeds 100 to 103.')
  await expect(page.getByTestId('notice')).toBeEmpty()
  await recordFault(testInfo, {
    fault: 'New version asked for while drawing',
    expected: 'takes over after the picture; prompt, seed and picture stay',
    result: `took over when ${swapped}; the same pictures drawn again`,
  })
})

/** Looks for a new version and presses Put away the moment that it is offered. Counts the offers. */
async function putAwayAtOnce(page: Page): Promise<JSHandle<{ times: number }>> {
  const appeared = await page.evaluateHandle(() => {
    const appeared = { times: 0 }
    const notice = document.querySelector('#notice') as HTMLElement
    new MutationObserver(() => {
      if (!notice.textContent?.includes('A new version is ready.')) return
      appeared.times++
      notice.querySelector<HTMLButtonElement>('[aria-label="Put away"]')?.click()
    }).observe(notice, { childList: true })
    return appeared
  })
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
  await expect.poll(() => appeared.evaluate(({ times }) => times)).toBeGreaterThan(0)
  return appeared
}

test('a new version that is not asked for stays away', async ({ page }) => {
  await visit(page, server)
  publish('scalewise 2')
  const appeared = await putAwayAtOnce(page)
  // The browser reports the new worker a second time up to 200 ms later.
  await page.waitForTimeout(1000)
  expect(await appeared.evaluate(({ times }) => times)).toBe(1)
  await expect(page.getByTestId('notice')).toBeEmpty()
  await page.reload()
  await expectState(page, 'ready')
  await expect(page).toHaveTitle('scalewise')
  await expect(page.getByTestId('notice')).toContainText('A new version is ready.')
  for (const media of [
    { colorScheme: 'light', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'active' },
  ] as const) {
    await page.emulateMedia(media)
    await page.waitForTimeout(400) // Buttons take a moment for their other colours.
    await expectClean(page, `a new version is offered, ${JSON.stringify(media)}`)
  }
})

test('what was typed and not drawn is there again, and not drawn', async ({ page }) => {
  await visit(page, server)
  publish('scalewise 2')
  await findUpdate(page)
  await page.getByTestId('prompt').fill('two owls')
  const seed = await page.getByTestId('seed').inputValue()
  await page.getByRole('button', { name: 'Reload' }).click()
  await expect(page).toHaveTitle('scalewise 2', { timeout: 60_000 })
  await expectState(page, 'ready')
  await expect(page.getByTestId('prompt')).toHaveValue('two owls')
  await expect(page.getByTestId('seed')).toHaveValue(seed)
  await expect(page.getByTestId('lock')).toHaveAttribute('aria-pressed', 'false')
})

test('a new version waits for the other tab’s picture, too, and both tabs load it', async ({ page }) => {
  await visit(page, server)
  const other = await page.context().newPage()
  await other.goto(page.url())
  await expectState(other, 'ready')
  publish('scalewise 2')
  await findUpdate(page)
  await noteStates(other)
  await other.getByRole('radio', { name: '4' }).check()
  // Reload is pressed in the one tab the moment that the other begins to draw.
  await page.evaluate(() => {
    new BroadcastChannel('drawing').onmessage = () => {
      document.querySelector<HTMLButtonElement>('#notice button.strong')?.click()
    }
  })
  await other.evaluate(() => {
    const channel = new BroadcastChannel('drawing')
    new MutationObserver(() => {
      if (document.body.dataset.state === 'drawing') channel.postMessage('now')
    }).observe(document.body, { attributeFilter: ['data-state'] })
  })
  await draw(other, 'a green car')
  await expect(other).toHaveTitle('scalewise 2', { timeout: 60_000 })
  await expect(page).toHaveTitle('scalewise 2', { timeout: 60_000 })
  expect(await noted(other)).toEqual({ swapped: 'done', left: 'done' })
  await expectState(other, 'done')
  await expect(other.getByTestId('prompt')).toHaveValue('a green car')
})

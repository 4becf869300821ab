import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import type { FaultRow, ReportedRow } from '../testing/reliability'

/** Firefox through WebDriver BiDi: Playwright drives only a Firefox of its own make, which no npm package carries. */

const PATHS = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox']
const RESULTS = 'test-results/reliability-firefox.json'

/** Throws where there is no Firefox. */
export function launchFirefox(): Promise<Browser> {
  const path = process.env.FIREFOX_PATH ?? PATHS.find(existsSync)
  if (!path) throw new Error('There is no Firefox here. Install one (Debian: firefox-esr) or set FIREFOX_PATH.')
  return puppeteer.launch({ browser: 'firefox', executablePath: path, headless: true })
}

/** Types a prompt and presses Enter. */
export async function draw(page: Page, prompt: string): Promise<void> {
  await page.$eval('[data-testid=prompt]', (input) => {
    ;(input as HTMLInputElement).value = ''
  })
  await page.type('[data-testid=prompt]', prompt)
  await page.keyboard.press('Enter')
}

/** Waits until the page is in a state (`data-state` of its body). */
export async function expectState(page: Page, state: string): Promise<void> {
  await page.waitForFunction((wanted) => document.body.dataset.state === wanted, { timeout: 60_000 }, state)
}

export async function textOf(page: Page, testId: string): Promise<string> {
  return page.$eval(`[data-testid=${testId}]`, (element) => element.textContent ?? '')
}

/** Pixels in the frame, straight RGBA. */
export async function framePixels(page: Page): Promise<number[]> {
  return page.$eval('[data-testid=pictures] canvas:not(.leaving)', (element) => {
    const canvas = element as HTMLCanvasElement
    return Array.from(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [])
  })
}

/** Adds a row to the table of faults; `npm run reliability` puts it beside Chromium's. */
export function recordFault(row: FaultRow): void {
  const rows: ReportedRow[] = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : []
  const others = rows.filter(({ fault }) => fault !== row.fault)
  mkdirSync(dirname(RESULTS), { recursive: true })
  const all = [...others, { ...row, spec: 'firefox/page.test.ts', passed: true }]
  writeFileSync(RESULTS, `${JSON.stringify(all, null, 2)}\n`)
}

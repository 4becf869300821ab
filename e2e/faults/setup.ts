/** What the fault tests share on Playwright's side. */
import { type Browser, chromium, type Page, test } from '@playwright/test'
import { source } from '../testing/pages'
import type { Outcome } from './faulty-page'

/** A page with the library, and with `window.faults` to injure it. */
export async function openFaultyPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
  await page.evaluate(async (path) => {
    await import(path)
  }, '/e2e/faults/faulty-page.ts')
  return page
}

/** Creates the page's engine; the picture of the usual request, before anything happened. */
export async function drawFirst(page: Page): Promise<string> {
  const first = await page.evaluate(async () => {
    window.engine = await window.faults.createEngine()
    return window.faults.outcome(window.engine.generate(window.faults.request))
  })
  if (first.end !== 'drawn') throw new Error(`The first request was to be drawn: ${first.end}`)
  return first.picture
}

/** A browser of its own, whose scripts may ask for a garbage collection: `gc()`. */
export function launchWithGc(): Promise<Browser> {
  const { executablePath, args = [] } = test.info().project.use.launchOptions ?? {}
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [...args, '--js-flags=--expose-gc'],
  })
}

/** Milliseconds from a moment of the page's clock to the end of the last of these calls. */
export function msSince(moment: number, outcomes: readonly Outcome[]): number {
  return Math.max(...outcomes.map(({ at }) => at)) - moment
}

export function pending(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ end }) => end === 'pending').length
}

/** The ends of some calls in a few words: `4 × WorkerCrashed`. */
export function ends(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>()
  for (const { end } of outcomes) counts.set(end, (counts.get(end) ?? 0) + 1)
  return [...counts].map(([end, count]) => (count === 1 ? end : `${count} × ${end}`)).join(', ')
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, expect, type Page } from '@playwright/test'

export const names = { a: 'Zebra of four steps', b: 'Yak of one size' }
export const prompts = ['a red apple', 'a cat', 'two dogs', 'a house on the moon, seen from very far away']

/** Two sets of the same prompts and seeds, drawn by one model with two schedules. */
export interface StudySets {
  readonly a: string
  readonly b: string
  remove(): void
}

/** With the script that people use. */
export function drawSets(): StudySets {
  const folder = mkdtempSync(join(tmpdir(), 'scalewise-study-'))
  writeFileSync(join(folder, 'prompts.txt'), `# For a test.\n${prompts.join('\n')}\n`)
  const draw = (to: string, name: string, schedule: string): string => {
    const out = join(folder, to)
    const options = { model: 'models/tiny', prompts: join(folder, 'prompts.txt'), seed: '1', out, name, schedule }
    const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value])
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/study-set.ts', ...args])
    return out
  }
  return {
    a: draw('quagga', names.a, 'default'),
    b: draw('wombat', names.b, 'full-4'),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** The file of set A's picture of a prompt. */
export function pictureOfA(sets: StudySets, prompt: string): Buffer {
  return readFileSync(join(sets.a, `00${prompts.indexOf(prompt) + 1}.png`))
}

export async function freshPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ acceptDownloads: true })
  return context.newPage()
}

/** Chooses both folders, types the seed and starts. */
export async function start(page: Page, sets: StudySets, seed = '7'): Promise<void> {
  await page.goto('/study.html')
  await page.getByTestId('set-a').locator('input[type=file]').setInputFiles(sets.a)
  await page.getByTestId('set-b').locator('input[type=file]').setInputFiles(sets.b)
  await page.getByTestId('order-seed').fill(seed)
  await expect(page.getByTestId('matched')).toContainText('4 pairs of the same prompt and seed')
  await page.getByTestId('start').click()
  await expectPair(page, 1)
}

export async function expectPair(page: Page, number: number, of = prompts.length): Promise<void> {
  await expect(page.getByTestId('place')).toHaveText(`Pair ${number} of ${of}`)
  await expect(page.getByTestId('pair').locator('img')).toHaveCount(2)
}

/** A key an answer, then Enter: as fast as they can come. */
export async function judge(page: Page, keys: string): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
  await page.keyboard.press('Enter')
}

/** Neither in the page, its fields and its address, nor in the addresses of the pictures. */
export async function expectNoNames(page: Page): Promise<void> {
  const seen = await page.evaluate(() => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value)
    return [document.documentElement.outerHTML, document.title, location.href, ...fields].join('\n')
  })
  const names = ['Zebra', 'Yak', 'quagga', 'wombat', '001.png', 'models/tiny', 'Tiny']
  expect(names.filter((name) => seen.includes(name))).toEqual([])
  for (const image of await page.getByTestId('pair').locator('img').all()) {
    expect(await image.getAttribute('src')).toMatch(/^blob:http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}$/)
  }
}

/** What the page shows: the prompt, and the bytes of the left and of the right picture. */
export async function shownPictures(page: Page): Promise<{ prompt: string; left: Buffer; right: Buffer }> {
  const prompt = (await page.getByTestId('prompt').textContent()) ?? ''
  const read = (images: Element[]) =>
    Promise.all(
      images.map(async (image) => {
        const response = await fetch((image as HTMLImageElement).src)
        return [...new Uint8Array(await response.arrayBuffer())]
      }),
    )
  const [left, right] = await page.getByTestId('pair').locator('img').evaluateAll(read)
  return { prompt, left: Buffer.from(left ?? []), right: Buffer.from(right ?? []) }
}

export async function exported(page: Page, button: string): Promise<{ path: string; file: ExportedVotes }> {
  const saved = page.waitForEvent('download')
  await page.getByTestId(button).click()
  const download = await saved
  expect(download.suggestedFilename()).toBe('study-votes-7.json')
  const path = await download.path()
  return { path, file: JSON.parse(readFileSync(path, 'utf8')) as ExportedVotes }
}

export interface ExportedVotes {
  readonly votes: readonly { prompt: string; question: string; sideOfA: string; answer: string; ms: number }[]
  readonly skipped: readonly { prompt: string }[]
  readonly sets: { readonly a: { readonly name: string }; readonly b: { readonly name: string } }
}

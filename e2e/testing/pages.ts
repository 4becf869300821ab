import { expect, type Page, type Request } from '@playwright/test'

export const tiny = 'models/tiny/manifest.json'

/** Where the library's own modules are served; the built site is Playwright's base URL. */
export const source = `http://127.0.0.1:${process.env.SOURCE_PORT ?? 41732}`

/** The built page's address, with the tiny model unless told otherwise. */
export function site(options: { backend?: string; model?: string; hash?: string } = {}): string {
  const query = new URLSearchParams({ model: options.model ?? tiny, backend: options.backend ?? 'wasm' })
  return `/?${query}${options.hash ?? ''}`
}

export type State = 'loading' | 'ready' | 'drawing' | 'done' | 'cancelled' | 'error'

export async function expectState(page: Page, ...states: State[]): Promise<void> {
  await expect(page.locator('body')).toHaveAttribute('data-state', new RegExp(`^(${states.join('|')})$`), {
    timeout: 0, // The test's own time limit is enough of one.
  })
}

/** What was asked for while a picture stood there is drawn: from its beginning to its end. */
export async function drawnAnew(page: Page): Promise<void> {
  await expectState(page, 'drawing')
  await expectState(page, 'done')
}

/** Types a prompt and presses Enter, as most people do. */
export async function draw(page: Page, prompt: string): Promise<void> {
  await page.getByTestId('prompt').fill(prompt)
  await page.getByTestId('prompt').press('Enter')
}

/** Pixels of the picture in the frame, as the page shows it: straight RGBA. */
export async function framePixels(page: Page, index = 0): Promise<{ width: number; height: number; data: number[] }> {
  return page
    .getByTestId('pictures')
    .locator('canvas:not(.leaving)')
    .nth(index)
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement
      const image = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height)
      return { width: canvas.width, height: canvas.height, data: Array.from(image?.data ?? []) }
    })
}

/** Every request for a file of a model other than its manifest, from now on. */
export function weightRequests(page: Page): string[] {
  const seen: string[] = []
  page.on('request', (request: Request) => {
    const path = new URL(request.url()).pathname
    if (path.includes('/models/') && !path.endsWith('manifest.json')) seen.push(path)
  })
  return seen
}

/** Fails the test for anything the page throws or logs as an error. Returns what was seen, for tests that expect some. */
export function pageErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return errors
}

/**
 * The largest difference of two pictures in premultiplied RGBA, 0 to 255: what an eye could see on any background.
 * Straight colours would not do, since those of nearly transparent pixels magnify the last bit.
 */
export function worstDifference(one: readonly number[], other: readonly number[]): number {
  if (one.length !== other.length || one.length === 0) return Number.POSITIVE_INFINITY
  const premultiplied = (data: readonly number[], at: number): number =>
    at % 4 === 3 ? (data[at] ?? 0) : ((data[at] ?? 0) * (data[at - (at % 4) + 3] ?? 0)) / 255
  return one.reduce((most, _, at) => Math.max(most, Math.abs(premultiplied(one, at) - premultiplied(other, at))), 0)
}

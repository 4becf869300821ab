import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'

/** Reaches one state of the page, from a blank tab on. */
export interface PageState {
  readonly name: string
  go(page: Page, site: string): Promise<void>
  /** It covers the window or is seen in the window alone: not the whole page is taken. */
  readonly window?: boolean
  /** It passes by itself: each picture of it needs a visit of its own. */
  readonly passing?: boolean
}

const wasm = 'backend=wasm'
const apple = `#${new URLSearchParams({ prompt: 'a red apple', seed: '7' })}`

const inState = (page: Page, state: string): Promise<void> =>
  page.locator(`body[data-state="${state}"]`).waitFor({ timeout: 90_000 })
const byId = (page: Page, id: string) => page.getByTestId(id)

async function drawn(page: Page, site: string, hash = apple): Promise<void> {
  await page.goto(`${site}/?${wasm}${hash}`)
  await inState(page, 'done')
  await page.waitForTimeout(500)
}

async function ready(page: Page, site: string): Promise<void> {
  await page.goto(`${site}/?${wasm}`)
  await inState(page, 'ready')
}

async function another(page: Page, prompt: string): Promise<void> {
  await byId(page, 'prompt').fill(prompt)
  await byId(page, 'prompt').press('Enter')
  await inState(page, 'drawing')
  await inState(page, 'done')
}

/** A model with terms to accept: what no manifest of this repository has. */
async function withTerms(page: Page): Promise<void> {
  const text = `Be kind.\n${'So be it, in every place and at every time. '.repeat(80)}`
  const notice = { title: 'Terms of kindness', text, url: 'https://example.com/terms', accept: true }
  const manifest = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')) as object
  await page.route('**/models/tiny/manifest.json', (route) => route.fulfill({ json: { ...manifest, notice } }))
}

export const states: readonly PageState[] = [
  {
    name: 'loading',
    passing: true,
    async go(page, site) {
      await page.route('**/denoiser.onnx', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 6_000))
        await route.abort().catch(() => {})
      })
      await page.goto(`${site}/?${wasm}`)
      await page.waitForTimeout(2_500)
    },
  },
  { name: 'ready', go: ready },
  {
    name: 'drawing',
    passing: true,
    async go(page, site) {
      await ready(page, site)
      await page.getByRole('radio', { name: '4' }).check()
      await byId(page, 'prompt').fill('a red apple')
      await byId(page, 'prompt').press('Enter')
      await page.locator('[data-scale=done]').first().waitFor()
    },
  },
  { name: 'drawn', go: drawn },
  { name: 'four', go: (page, site) => drawn(page, site, `${apple}&count=4`) },
  {
    name: 'gallery',
    async go(page, site) {
      await drawn(page, site, `${apple}&count=4`)
      await another(page, 'a purple fox')
      await byId(page, 'gallery')
        .getByRole('button', { name: /^Delete/ })
        .first()
        .click()
      await page.waitForTimeout(500)
    },
  },
  {
    name: 'compare',
    window: true,
    async go(page, site) {
      await drawn(page, site)
      await another(page, 'a purple fox')
      await byId(page, 'compare').click()
      await page.locator('#compare-panel canvas').nth(1).waitFor()
      await page.waitForTimeout(400)
    },
  },
  {
    name: 'start',
    async go(page, site) {
      await drawn(page, site)
      await byId(page, 'more').click()
      await inState(page, 'drawing')
      await inState(page, 'done')
      await page.waitForTimeout(500)
    },
  },
  {
    name: 'take-away',
    window: true,
    async go(page, site) {
      await drawn(page, site)
      await byId(page, 'take-away').click()
      await page.getByText('PNG of').first().waitFor()
    },
  },
  {
    name: 'how',
    passing: true,
    async go(page, site) {
      await drawn(page, site)
      await byId(page, 'how').locator('summary').click()
      await byId(page, 'how-replay').click()
      await page.waitForTimeout(3_200)
    },
  },
  {
    name: 'unknown-word',
    async go(page, site) {
      await ready(page, site)
      await byId(page, 'prompt').fill('a submarine and 🍎')
      await page.getByText('Does not know').waitFor()
    },
  },
  {
    name: 'completions',
    async go(page, site) {
      await ready(page, site)
      await byId(page, 'prompt').pressSequentially('a cat wi')
      await page.locator('#examples[data-kind=completions] button').first().waitFor()
    },
  },
  {
    name: 'doodle',
    async go(page, site) {
      await ready(page, site)
      await byId(page, 'start').locator('summary').click()
      await page.locator('[name=ink][value="#e5383b"]').check({ force: true })
      const box = await byId(page, 'sketch').boundingBox()
      if (!box) throw new Error('There is no canvas to draw on.')
      const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const
      await page.mouse.move(...at(0.3, 0.3))
      await page.mouse.down()
      for (const [x, y] of [
        [0.7, 0.3],
        [0.7, 0.7],
        [0.3, 0.7],
        [0.5, 0.4],
      ] as const)
        await page.mouse.move(...at(x, y), { steps: 8 })
      await page.mouse.up()
    },
  },
  {
    name: 'pack',
    window: true,
    async go(page, site) {
      await drawn(page, site, `${apple}&count=4`)
      await byId(page, 'take-away').click()
      await page.getByText('PNG of').first().waitFor()
      await byId(page, 'away-choose').locator('summary').click()
      await byId(page, 'away-pack').click()
      await page.getByText('Saved').first().waitFor()
      await byId(page, 'away-pack').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'notice',
    window: true,
    async go(page, site) {
      await drawn(page, site)
      await byId(page, 'copy').click()
      await page.evaluate(() => {
        const notice = document.getElementById('notice')
        if (notice)
          notice.innerHTML =
            '<span>A new version is ready.</span><button class="strong">Reload</button><button class="plain">Later</button>'
      })
    },
  },
  {
    name: 'explanation',
    window: true,
    async go(page, site) {
      await ready(page, site)
      await page.getByRole('button', { name: 'What is the seed?' }).click()
    },
  },
  {
    name: 'bad-seed',
    async go(page, site) {
      await ready(page, site)
      await byId(page, 'seed').fill('seven')
      await byId(page, 'prompt').fill('a red apple')
      await byId(page, 'prompt').press('Enter')
    },
  },
  {
    name: 'error',
    async go(page, site) {
      await page.goto(`${site}/?${wasm}&model=models/no-such/manifest.json`)
      await inState(page, 'error')
    },
  },
  {
    name: 'offline',
    async go(page, site) {
      await drawn(page, site)
      await page.context().setOffline(true)
      await page.waitForTimeout(400)
    },
  },
  {
    name: 'terms',
    async go(page, site) {
      await withTerms(page)
      await page.goto(`${site}/?${wasm}&model=models/tiny/manifest.json`)
      await byId(page, 'terms-accept').waitFor()
    },
  },
]

/**
 * Takes the demo in every state, width and kind of colours, from what `npm run build` made, and says where a page is wider
 * than its window. Not part of the checks: the pictures are to be looked at.
 * `npx tsx scripts/screens/screens.ts --out /tmp/screens [--states drawn,how] [--widths 1440,320] [--looks light,dark,forced,zoom]`
 */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Browser, type BrowserContextOptions, chromium } from '@playwright/test'
import { preview } from 'vite'
import { browserArgs, findBrowser } from '../../e2e/testing/browser'
import { type PageState, states } from './states'

const list = (text: string): string[] => text.split(',').filter(Boolean)
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screens' },
    states: { type: 'string', default: states.map(({ name }) => name).join() },
    widths: { type: 'string', default: '1440,1024,390,320' },
    looks: { type: 'string', default: 'light,dark,forced,zoom' },
  },
})

/** `zoom`: 200% of the browser's own zoom is half the window at twice the pixels. */
const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  forced: { colorScheme: 'dark', forcedColors: 'active' },
  zoom: { colorScheme: 'light', deviceScaleFactor: 2 },
}

async function take(browser: Browser, site: string, state: PageState, width: number, look: string): Promise<void> {
  const zoom = look === 'zoom' ? 2 : 1
  const phone = width < 500
  const context = await browser.newContext({
    ...looks[look],
    viewport: { width: width / zoom, height: (phone ? 780 : 860) / zoom },
    ...(phone && { hasTouch: true, isMobile: true }),
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  const file = `${state.name}-${width}-${look}.png`
  try {
    await state.go(page, site)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    await page.screenshot({ path: `${values.out}/${file}`, fullPage: !state.window, animations: 'disabled' })
    console.log(`${file}${wide > 0 ? `: ${wide} px wider than its window` : ''}`)
  } catch (error) {
    console.log(`${file}: ${(error as Error).message.split('\n')[0]}`)
  } finally {
    await context.close()
  }
}

const wanted = states.filter(({ name }) => list(values.states).includes(name))
mkdirSync(values.out, { recursive: true })
const server = await preview({
  build: { outDir: process.env.SITE_DIR ?? 'dist' },
  preview: { port: 0, host: '127.0.0.1' },
  logLevel: 'error',
})
const { path, env } = await findBrowser()
const browser = await chromium.launch({ executablePath: path, args: browserArgs, env: { ...process.env, ...env } })
try {
  const site = new URL(server.resolvedUrls?.local[0] ?? '').origin
  for (const state of wanted) {
    for (const width of list(values.widths).map(Number)) {
      // Half of a phone's width is no window that there is.
      for (const look of list(values.looks).filter((each) => each !== 'zoom' || width > 500)) {
        await take(browser, site, state, width, look)
      }
    }
  }
} finally {
  await browser.close()
  await server.close()
}

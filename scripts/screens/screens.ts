/**
 * Takes the demo in every state, width and kind of colours, from what `npm run build` made, and says where a page is wider
 * than its window. Not part of the checks: the pictures are to be looked at.
 * `npx tsx scripts/screens/screens.ts --out /tmp/screens [--states drawn,how] [--widths 1440,320] [--looks light,dark,forced,zoom]`
 */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from '@playwright/test'
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

interface Look {
  readonly colorScheme: 'light' | 'dark'
  readonly forcedColors?: 'active'
  /** 200% of the browser's own zoom is half the window at twice the pixels. */
  readonly zoom?: 2
}

const looks: Readonly<Record<string, Look>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  forced: { colorScheme: 'dark', forcedColors: 'active' },
  zoom: { colorScheme: 'light', zoom: 2 },
}

/** The windows of one kind: a state is reached once for all of them, and once for each where it would not wait. */
interface Kind {
  readonly phone: boolean
  readonly zoom: 1 | 2
}

const kinds: readonly Kind[] = [
  { phone: false, zoom: 1 },
  { phone: true, zoom: 1 },
  // Half of a phone's width is no window that there is.
  { phone: false, zoom: 2 },
]

const isPhone = (width: number): boolean => width < 500

const windowOf = ({ phone, zoom }: Kind, width: number) => ({ width: width / zoom, height: (phone ? 780 : 860) / zoom })

async function visit(
  browser: Browser,
  site: string,
  state: PageState,
  kind: Kind,
  shots: readonly Shot[],
): Promise<void> {
  const [first] = shots
  if (!first) return
  const { phone, zoom } = kind
  const context = await browser.newContext({
    viewport: windowOf(kind, first.width),
    deviceScaleFactor: zoom,
    ...(phone && { hasTouch: true, isMobile: true }),
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  const look = async ({ width, look: { colorScheme, forcedColors } }: Shot) => {
    await page.setViewportSize(windowOf(kind, width))
    await page.emulateMedia({ colorScheme, forcedColors: forcedColors ?? 'none' })
  }
  try {
    await look(first)
    await state.go(page, site)
    for (const shot of shots) {
      await look(shot)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      // A picture of a page larger than its window has no fingers: on a phone the window grows instead.
      const tall = phone && !state.window
      const height = await page.evaluate(() => document.documentElement.scrollHeight)
      if (tall) await page.setViewportSize({ width: shot.width, height })
      const fullPage = !phone && !state.window
      await page.screenshot({ path: `${values.out}/${shot.file}`, fullPage, animations: 'disabled' })
      console.log(`${shot.file}${wide > 0 ? `: ${wide} px wider than its window` : ''}`)
    }
  } catch (error) {
    console.log(`${first.file}: ${(error as Error).message.split('\n')[0]}`)
  } finally {
    await context.close()
  }
}

interface Shot {
  readonly width: number
  readonly look: Look
  readonly file: string
}

function shotsOf(state: PageState, { phone, zoom }: Kind): Shot[] {
  const widths = list(values.widths).map(Number)
  return list(values.looks).flatMap((name) => {
    const look = looks[name]
    if (!look || (look.zoom ?? 1) !== zoom) return []
    return widths
      .filter((width) => isPhone(width) === phone)
      .map((width) => ({ width, look, file: `${state.name}-${width}-${name}.png` }))
  })
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
    for (const kind of kinds) {
      const shots = shotsOf(state, kind)
      for (const visited of state.passing ? shots.map((shot) => [shot]) : [shots]) {
        await visit(browser, site, state, kind, visited)
      }
    }
  }
} finally {
  await browser.close()
  await server.close()
}

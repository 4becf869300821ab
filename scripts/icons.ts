/**
 * Draws the app's PNG icons from public/icon.svg into public/icons/. Run once after the drawing changes:
 * `npx tsx scripts/icons.ts`
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { browserArgs, findBrowser } from '../e2e/testing/browser'

const folder = 'public/icons'
/** Colour of the drawing's own ground, which a system's mask may cut anywhere. */
const ground = '#0b7a69'

/**
 * `part` is the drawing's share of the side. An icon that is to be masked keeps everything of meaning within a circle of
 * 80 % of the side: the corners of the squares lie at 0.475 sides from the middle of the drawing, so at most 0.84.
 */
const icons = [
  { file: 'icon-192.png', size: 192, part: 1, background: 'transparent' },
  { file: 'icon-512.png', size: 512, part: 1, background: 'transparent' },
  { file: 'maskable-512.png', size: 512, part: 0.8, background: ground },
  // iOS rounds the corners itself and shows transparency as black.
  { file: 'apple-touch-180.png', size: 180, part: 0.94, background: ground },
] as const

const drawing = readFileSync('public/icon.svg', 'utf8')
const { path, env } = await findBrowser()
const browser = await chromium.launch({ executablePath: path, args: browserArgs, env: { ...process.env, ...env } })
try {
  mkdirSync(folder, { recursive: true })
  const tab = await browser.newPage()
  for (const { file, size, part, background } of icons) {
    const side = 2 * Math.round((size * part) / 2) // Whole pixels on either side: no half-covered ones at its edges.
    await tab.setViewportSize({ width: size, height: size })
    await tab.setContent(`<!doctype html><style>
      body { margin: 0; height: ${size}px; display: grid; place-items: center; background: ${background} }
      svg { width: ${side}px; height: ${side}px }
    </style>${drawing}`)
    await tab.screenshot({ path: `${folder}/${file}`, omitBackground: true })
  }
} finally {
  await browser.close()
}
console.log(`${icons.length} icons → ${folder}`)

/**
 * Takes docs/demo.png: the demo with a picture drawn. `npx tsx scripts/demo.ts ["a prompt"] [--seed 3] [--out docs/demo.png]`
 */
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { createServer } from 'vite'
import { browserArgs, findBrowser } from '../e2e/testing/browser'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '3' }, out: { type: 'string', default: 'docs/demo.png' } },
})
const prompt = positionals[0] ?? 'a panda wearing a top hat'

const server = await createServer({ server: { port: 0 } })
await server.listen()
const { path, env } = await findBrowser()
const browser = await chromium.launch({ executablePath: path, args: browserArgs, env: { ...process.env, ...env } })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  await page.goto(`${server.resolvedUrls?.local[0]}#${new URLSearchParams({ prompt, seed: values.seed })}`)
  const draw = page.getByTestId('draw')
  // The second picture is the one shown: the first one's times are those of a cold start.
  for (const _ of ['cold', 'warm']) {
    await draw.click({ timeout: 120_000 })
    await page.locator('body[data-state="done"]').waitFor({ timeout: 60_000 })
  }
  await page.screenshot({ path: values.out, animations: 'disabled' })
} finally {
  await browser.close()
  await server.close()
}
console.log(`${prompt}, seed ${values.seed} → ${values.out}`)

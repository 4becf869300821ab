/**
 * Draws a converted model in Chromium, through the engine as an app has it, for the tests that compare with diffusers
 * (training/tests/test_convert_browser.py):
 *   npx tsx scripts/record-in-browser.ts MODEL requests.json pictures.json
 * Each request has `backend` and what `generate` takes. A picture is base64 of its straight RGBA, 8 bits.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { createServer } from 'vite'
import { browserArgs, findBrowser } from '../e2e/testing/browser'
import { startServer } from '../e2e/testing/server'
import type { BackendName, GenerateRequest } from '../src/types'

type Request = GenerateRequest & { readonly backend: BackendName }

const [folder = '', from = '', to = ''] = process.argv.slice(2)
const requests: Request[] = JSON.parse(readFileSync(from, 'utf8'))
const models = await startServer({ root: folder, cors: true })
// Any free port, beside those that end-to-end tests use.
const library = await createServer({ mode: 'e2e', logLevel: 'error', server: { host: '127.0.0.1', port: 0 } })
await library.listen()
const { path, env } = await findBrowser()
const browser = await chromium.launch({
  executablePath: path,
  args: browserArgs,
  env: { ...process.env, ...env } as Record<string, string>,
})
try {
  const page = await browser.newPage()
  await page.goto(`${library.resolvedUrls?.local[0]}e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
  const pictures = []
  for (const request of requests) pictures.push(await page.evaluate(draw, { ...request, model: `${models.url}/` }))
  writeFileSync(to, JSON.stringify(pictures))
} finally {
  await browser.close()
  await library.close()
  await models.stop()
}

/** Runs in the page. */
async function draw({ backend, model, ...request }: Request & { model: string }) {
  const engine = await window.scalewise.createEngine({ model, backend })
  const { image, stats } = await engine.generate(request)
  await engine.dispose()
  const text = Array.from(image.data, (byte) => String.fromCharCode(byte)).join('')
  return { width: image.width, height: image.height, live: stats.live, backend: engine.backend.name, data: btoa(text) }
}

/** The built page in Firefox, on WASM, which has no WebGPU here. `npm run build && npm run test:firefox`. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'puppeteer-core'
import { type FaultServer, startServer } from '../testing/server'
import { draw, expectState, framePixels, launchFirefox, recordFault, textOf } from './browser'

const PATH = '/?model=models/tiny/manifest.json&backend=auto'
const DENOISER = '/models/tiny/denoiser.onnx'

let browser: Browser
let context: BrowserContext
let page: Page
let server: FaultServer

before(async () => {
  browser = await launchFirefox()
})
after(() => browser?.close())

/** A container of its own (its own storage) and a server of its own for each test. */
beforeEach(async () => {
  server = await startServer()
  context = await browser.createBrowserContext()
  page = await context.newPage()
})
afterEach(async () => {
  await context.close()
  await server.stop()
})

async function visit(): Promise<void> {
  await page.goto(server.url + PATH)
  await expectState(page, 'ready')
}

async function drawn(prompt = 'a red apple'): Promise<number[]> {
  await draw(page, prompt)
  await expectState(page, 'done')
  return framePixels(page)
}

const weights = () => server.requests.filter(({ path }) => path.endsWith('.onnx'))

test('draws by the processor and says why', async () => {
  await visit()
  assert.match(await textOf(page, 'backend-report'), /WASM.*no WebGPU/)
  const pixels = await drawn()
  assert.equal(pixels.length, 128 * 128 * 4)
  assert.ok(new Set(pixels).size > 20)
})

test('a second visit fetches no weights', async () => {
  await visit()
  assert.equal(weights().length, 3)
  server.requests.length = 0
  await page.reload()
  await expectState(page, 'ready')
  await drawn()
  assert.equal(weights().length, 0)
  recordFault({
    fault: 'Firefox: the page is closed and opened again',
    expected: 'nothing is fetched twice',
    result: `${weights().length} requests for weights`,
    bytesLost: weights().reduce((sum, { sent }) => sum + sent, 0),
  })
})

test('a cut connection is continued where it broke', async () => {
  server.fault(DENOISER, { kind: 'cut', afterBytes: 50_021 }, 1)
  await visit()
  const [first, second] = server.requests.filter(({ path }) => path === DENOISER)
  assert.equal(first?.sent, 50_021)
  assert.match(second?.range ?? '', /^bytes=\d+-$/)
  const from = Number(second?.range?.slice('bytes='.length, -1))
  assert.ok(from > 0 && from <= 50_021)
  await drawn()
  recordFault({
    fault: 'Firefox: connection cut after 50,021 bytes',
    expected: 'continued by Range, the picture drawn',
    result: `continued at byte ${from}`,
  })
})

test('a damaged file is fetched once more, then refused by name', async () => {
  const repair = server.fault(DENOISER, { kind: 'corrupt', atByte: 9_999 })
  await page.goto(server.url + PATH)
  await expectState(page, 'error')
  assert.equal(await page.$eval('[data-testid=failure]', (box) => (box as HTMLElement).dataset.name), 'CorruptFile')
  assert.equal(server.requests.filter(({ path }) => path === DENOISER).length, 2)
  repair()
  await page.click('[data-testid=retry]')
  await expectState(page, 'ready')
  await drawn()
  recordFault({
    fault: 'Firefox: file damaged on the way',
    expected: 'CorruptFile after one more try; well afterwards',
    result: 'CorruptFile after 2 requests, then drawn',
  })
})

test('after one visit the page draws without a network', async () => {
  await visit()
  await page.waitForFunction(
    () => document.querySelector('[data-testid=stored-offline]')?.textContent?.includes('Works offline'),
    { timeout: 120_000 },
  )
  const before = await drawn()
  const link = await page.evaluate(() => location.hash)
  await server.stop()
  await page.goto(server.url + PATH + link)
  await page.reload()
  await expectState(page, 'done')
  assert.deepEqual(await framePixels(page), before)
  recordFault({
    fault: 'Firefox: server gone, page reloaded',
    expected: 'drawn from what is stored',
    result: 'the same pixels as before',
  })
})

test('two tabs download once', async () => {
  server.fault(/\.onnx$/, { kind: 'slow', bytesPerSecond: 400_000 }, 3)
  const other = await context.newPage()
  await Promise.all([page.goto(server.url + PATH), other.goto(server.url + PATH)])
  await Promise.all([expectState(page, 'ready'), expectState(other, 'ready')])
  assert.equal(weights().length, 3)
  recordFault({
    fault: 'Firefox: two tabs at once',
    expected: 'each file is fetched once',
    result: `${weights().length} requests for 3 files`,
  })
})

test('a refused IndexedDB costs a warning, not the picture', async () => {
  // Firefox no longer has a switch for it; the worker meets what a page in a sandbox meets.
  const refusal =
    "Object.defineProperty(self, 'indexedDB', { get() { throw new DOMException('refused', 'SecurityError') } });\n"
  const assets = join(process.env.SITE_DIR ?? 'dist', 'assets')
  const worker = readdirSync(assets).find((name) => /^worker-.*\.js$/.test(name)) ?? ''
  const body = Buffer.concat([Buffer.from(refusal), readFileSync(join(assets, worker))])
  server.fault(`/assets/${worker}`, { kind: 'replace', body })
  await visit()
  assert.match(await textOf(page, 'warnings'), /did not store the model/)
  await drawn()
  recordFault({
    fault: 'Firefox: IndexedDB refused',
    expected: 'a warning, and the picture from memory',
    result: 'warned and drawn',
  })
})

test('a manifest that is none is refused by name', async () => {
  // Not for one answer: the list of words reads the manifest, too.
  const heal = server.fault('/models/tiny/manifest.json', { kind: 'replace', body: Buffer.from('{"format":1}') })
  await page.goto(server.url + PATH)
  await expectState(page, 'error')
  assert.equal(await page.$eval('[data-testid=failure]', (box) => (box as HTMLElement).dataset.name), 'InvalidManifest')
  heal()
  await page.click('[data-testid=retry]')
  await expectState(page, 'ready')
  await drawn()
})

test('Escape cancels, and the next picture is right', async () => {
  await visit()
  const link = '#prompt=a+fox&seed=7'
  await page.evaluate((hash) => {
    location.hash = hash
  }, link)
  await expectState(page, 'done')
  const wanted = await framePixels(page)
  await page.click('[data-testid=count] label:nth-child(4)')
  await draw(page, 'a fox')
  await expectState(page, 'drawing')
  await page.keyboard.press('Escape')
  await expectState(page, 'cancelled')
  await page.click('[data-testid=count] label:nth-child(1)')
  assert.deepEqual(await drawn('a fox'), wanted)
})

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { pageErrors } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'
import { drawSets, expectNoNames, expectPair, judge, names, type StudySets, start } from './study'

const policy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
  "img-src 'self' blob: data:; style-src 'self'; object-src 'none'; base-uri 'none'"

let sets: StudySets
let root: string
let server: FaultServer

test.beforeAll(async () => {
  test.setTimeout(120_000)
  sets = drawSets()
  // The site with a set beside it, as one would host a study.
  root = mkdtempSync(join(tmpdir(), 'scalewise-site-'))
  cpSync(process.env.SITE_DIR ?? 'dist', root, { recursive: true })
  cpSync(sets.a, join(root, 'studies/quagga'), { recursive: true })
  server = await startServer({ root, headers: { 'content-security-policy': policy } })
})

test.afterAll(async () => {
  await server.stop()
  rmSync(root, { recursive: true })
  sets.remove()
})

test('a set from an address against a model that draws here, under the strict policy', async ({ page }) => {
  const errors = pageErrors(page)
  await page.goto(`${server.url}/study.html?a=studies/quagga/set.json&seed=7&backend=wasm`)
  await expect(page.getByTestId('set-a')).toContainText('4 pictures, all readable.')
  const b = page.getByTestId('set-b')
  await b.getByRole('radio', { name: 'Model' }).check()
  await page.getByText('Prompts for models that draw here').click()
  await page.getByTestId('prompts').fill('a red apple\na cat\na bird')
  await b.getByRole('textbox').fill('models/tiny/manifest.json')
  await b.getByRole('button', { name: 'Draw' }).click()
  await expect(b).toContainText('3 pictures, all readable.', { timeout: 60_000 })
  await expect(page.getByTestId('matched')).toContainText('2 pairs of the same prompt and seed.')
  await expect(page.getByTestId('matched')).toContainText('3 pictures without a partner, left out')
  await page.getByTestId('start').click()
  await expectPair(page, 1, 2)
  await expectNoNames(page)
  await judge(page, '1111')
  await expectPair(page, 2, 2)
  await page.reload()
  await expectPair(page, 2, 2)
  await expectNoNames(page)
  await judge(page, '2222')
  await expect(page.getByTestId('result-words')).toContainText(`A: ${names.a} against B: Tiny 0.1.0.`)
  await page.getByTestId('another').click()
  await expect(page.getByTestId('another')).toBeHidden() // The study is closed in IndexedDB first.
  await expectNoNames(page)
  expect(errors).toEqual([])
})

test('what is no set is refused by name', async ({ page }) => {
  await page.goto(`${server.url}/study.html`)
  const a = page.getByTestId('set-a')
  const load = async (address: string): Promise<void> => {
    await a.getByRole('radio', { name: 'Address' }).check()
    await a.getByRole('textbox').first().fill(address)
    await a.getByRole('button', { name: 'Load' }).click()
  }
  await load('models/tiny/manifest.json')
  await expect(a).toContainText('set.json, format: expected')
  await load('studies/none/set.json')
  await expect(a).toContainText('could not be loaded: status 404')
  await load('https://elsewhere.example/set.json')
  await expect(a).toContainText('is on another site')
  server.fault('/studies/quagga/002.png', { kind: 'corrupt', atByte: 100 }, 1)
  await load('studies/quagga/set.json')
  await expect(a).toContainText('set.json, pictures.1.sha256: 002.png has changed since the set was made')
  await page.getByTestId('import').setInputFiles(join(sets.a, 'set.json'))
  await expect(page.getByTestId('import-status')).toContainText('The file of votes, seed: expected')
  await expect(page.getByTestId('start')).toBeDisabled()
})

test('where the browser keeps nothing, voting works and the page says what to do', async ({ page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('Storage is refused.', 'SecurityError')
    }
  })
  await start(page, sets)
  await expect(page.getByTestId('warning')).toContainText('Export them before you leave')
  for (const keys of ['1111', '2222', '3333', '1231']) await judge(page, keys)
  await expect(page.getByTestId('result-words')).toContainText('4 of 4 pairs judged')
})

test('a phone shows both pictures whole, nothing sideways, and nothing moves between pairs', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await start(page, sets)
  const boxes = async () => {
    const parts = [page.locator('#left img'), page.locator('#right img'), page.getByTestId('questions')]
    return Promise.all(parts.map((part) => part.boundingBox()))
  }
  const first = await boxes()
  for (const box of first.slice(0, 2)) {
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390)
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(844)
  }
  for (let pair = 2; pair <= 4; pair++) {
    await page.getByTestId('skip').click()
    await expectPair(page, pair)
    expect(await boxes()).toEqual(first)
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
})

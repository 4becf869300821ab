import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import type { EngineProgress } from '../../src/types'
import { source } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'

/** `preload`: everything comes, nothing is made of it, and what comes later needs no network. */

declare global {
  interface Window {
    events: EngineProgress[]
  }
}

let server: FaultServer

test.beforeEach(async ({ page }) => {
  server = await startServer({ root: 'models', cors: true })
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
})

test.afterEach(() => server.stop())

function preload(page: Page, options: { acceptLicence?: string; abortAfter?: number } = {}) {
  return page.evaluate(
    async ({ model, acceptLicence, abortAfter }) => {
      window.events = []
      const stop = new AbortController()
      const onProgress = (event: EngineProgress) => {
        window.events.push(event)
        if (abortAfter !== undefined && event.stage === 'download' && event.loaded > abortAfter) stop.abort()
      }
      const { preload } = window.scalewise
      const { signal } = stop
      return preload({ model, backend: 'wasm', signal, onProgress, ...(acceptLicence && { acceptLicence }) }).catch(
        (error: Error) => error.name,
      )
    },
    { model: `${server.url}/tiny/`, ...options },
  )
}

const weights = () => server.requests.filter(({ path }) => !path.endsWith('manifest.json')).map(({ path }) => path)

test('the model and ONNX Runtime come, no graph is made, and an engine needs no server', async ({ page }) => {
  const runtime: string[] = []
  page.context().on('request', (request) => {
    if (request.url().endsWith('.wasm')) runtime.push(request.url())
  })
  expect(await preload(page)).toBe(true)
  expect(runtime.length).toBeGreaterThan(0)
  const stages = await page.evaluate(() => [...new Set(window.events.map(({ stage }) => stage))])
  expect(stages).toEqual(['download', 'preloaded'])
  const manifest = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8'))
  const fetched = new Set(weights())
  for (const { path } of manifest.files) expect(fetched).toContain(`/tiny/${path}`)
  await server.stop()

  const { stats, sources } = await page.evaluate(async (model) => {
    const sources = new Set<string>()
    const onProgress = (event: EngineProgress) => {
      if (event.stage === 'download' && event.loaded > 0 && event.file.endsWith('.onnx')) sources.add(event.source)
    }
    const engine = await window.scalewise.createEngine({ model, backend: 'wasm', onProgress })
    const { stats } = await engine.generate({ prompt: 'a red apple', seed: 1 })
    await engine.dispose()
    return { stats, sources: [...sources] }
  }, `${server.url}/tiny/`)
  expect(stats.live).toBe(0)
  expect(sources).toEqual(['store'])
})

test('cancelled: AbortError; the next call continues', async ({ page }) => {
  const atSpeed = server.fault('/tiny/text-encoder.onnx', { kind: 'slow', bytesPerSecond: 400_000 })
  expect(await preload(page, { abortAfter: 60_000 })).toBe('AbortError')
  atSpeed()
  expect(await preload(page)).toBe(true)
})

test('where nothing can be stored it says so', async ({ page }) => {
  const stored = await page.evaluate(async (model) => {
    const refusing = 'data:text/javascript,Object.defineProperty(self,"indexedDB",{get(){throw new Error("refused")}})'
    const script = `import '${refusing}'; import '${location.origin}/src/worker/worker.ts'`
    const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
    const worker = () => new Worker(address, { type: 'module' })
    return window.scalewise.preload({ model, backend: 'wasm', worker })
  }, `${server.url}/tiny/`)
  expect(stored).toBe(false)
})

test('terms are asked for before a byte of the weights', async ({ page }) => {
  const notice = { title: 'Terms', text: 'Be kind.', url: 'https://example.com/terms', accept: true }
  const real = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8'))
  server.fault('/tiny/manifest.json', { kind: 'replace', body: Buffer.from(JSON.stringify({ ...real, notice })) })
  expect(await preload(page)).toBe('LicenceNotAccepted')
  expect(weights()).toEqual([])
  const text = JSON.stringify([notice.title, notice.text, notice.url])
  expect(await preload(page, { acceptLicence: createHash('sha256').update(text).digest('hex') })).toBe(true)
})

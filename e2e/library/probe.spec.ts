import { expect, type Page, test } from '@playwright/test'
import { megabytes } from '../../src/weights/store/quota'
import { source } from '../testing/pages'
import { tinyBytes } from '../testing/tiny'

/** What `probe()` says in a real browser, whose only adapter is a software one. */

async function open(page: Page): Promise<void> {
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
}

test('a software adapter: drawn by the processor, and the reasons say so', async ({ page }) => {
  await open(page)
  const report = await page.evaluate(() => window.scalewise.probe({ model: '/models/tiny/' }))
  expect(report.verdict).toBe('slow')
  expect(report.backend?.name).toBe('wasm')
  expect(report.reasons.join(' ')).toContain('software adapter')
  expect(report.gpu).toMatchObject({ software: true })
  expect(report.gpu?.limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27)
  expect(report.storage?.quota).toBeGreaterThan(0)
  expect(report.storage?.persisted).toBe(false)
  expect(report.memory.needed).toBeGreaterThan(0)
  expect(report.model).toMatchObject({ id: 'tiny', storedBytes: 0, variant: 'float32, matrices stored as int8' })
  expect(report.model?.missingBytes).toBe(report.model?.bytes)
})

test('the variant names how the weights that would draw here are stored, and nothing else', async ({ page }) => {
  await open(page)
  const report = await page.evaluate(() => window.scalewise.probe({ model: '/models/tiny-sd35/' }))
  expect(report.model?.variant).toBe('float16')
})

test('no adapter: no GPU in the report, and the processor draws', async ({ page }) => {
  await page.addInitScript(() => {
    GPU.prototype.requestAdapter = async () => null
  })
  await open(page)
  const report = await page.evaluate(() => window.scalewise.probe())
  expect(report).toMatchObject({ verdict: 'slow', backend: { name: 'wasm' } })
  expect(report.gpu).toBeUndefined()
  expect(report.reasons.join(' ')).toContain('no usable GPU')
})

test('more memory than WASM has: doubtful where the processor draws', async ({ page }) => {
  await page.route('**/models/tiny/manifest.json', async (route) => {
    const manifest = await (await route.fetch()).json()
    await route.fulfill({ json: { ...manifest, memoryBytes: { text: 1, draw: 4_400_000_000 } } })
  })
  await open(page)
  const report = await page.evaluate(() => window.scalewise.probe({ model: '/models/tiny/' }))
  expect(report.verdict).toBe('doubtful')
  expect(report.reasons.join(' ')).toContain(`WASM has at most ${megabytes(2 ** 32)}. Use WebGPU.`)
})

test('too little room: doubtful, with both sizes', async ({ page }) => {
  // Chromium reports the same quota to every site, whatever it really grants; other browsers report the real one.
  await page.addInitScript(() => {
    StorageManager.prototype.estimate = async () => ({ quota: 300_000, usage: 100_000 })
  })
  await open(page)
  const report = await page.evaluate(() => window.scalewise.probe({ model: '/models/tiny/' }))
  expect(report.verdict).toBe('doubtful')
  expect(report.reasons.join(' ')).toContain(`${megabytes(tinyBytes())} would be stored and 0.20 MB are free`)
})

test('a model that is not there is the one thing it fails for', async ({ page }) => {
  await open(page)
  const failure = await page.evaluate(() => window.failure(window.scalewise.probe({ model: '/models/none/' })))
  expect(failure.name).toMatch(/^(DownloadFailed|InvalidManifest)$/)
})

test('a manifest is parsed in a worker, never on the page', async ({ page }) => {
  await open(page)
  const { parsed, size, failure } = await page.evaluate(async () => {
    const { probe, modelSize, verifyModel } = window.scalewise
    const real = await (await fetch('/models/tiny/manifest.json')).json()
    const huge = JSON.stringify({ ...real, id: 'x'.repeat(900_000) })
    const broken = URL.createObjectURL(new Blob([huge], { type: 'application/json' }))
    const parse = JSON.parse
    let parsed = 0
    JSON.parse = (...given: Parameters<typeof parse>) => {
      parsed++
      return parse(...given)
    }
    Response.prototype.json = () => Promise.reject(new Error('parsed on the page'))
    const size = await modelSize('/models/tiny/')
    await probe({ model: '/models/tiny/' })
    await verifyModel('/models/tiny/')
    const failure = await window.failure(modelSize(broken))
    JSON.parse = parse
    return { parsed, size, failure }
  })
  expect(parsed).toBe(0)
  expect(size.missingBytes).toBe(tinyBytes())
  expect(failure).toMatchObject({ name: 'InvalidManifest', message: expect.stringContaining('id') })
})

test('calls take the worker that they are given, and end it', async ({ page }) => {
  await open(page)
  const made = await page.evaluate(async () => {
    const { probe, modelSize } = window.scalewise
    const ended: boolean[] = []
    const worker = () => {
      const made = new Worker('/src/worker/worker.ts', { type: 'module' })
      const i = ended.push(false) - 1
      const terminate = made.terminate.bind(made)
      made.terminate = () => {
        ended[i] = true
        terminate()
      }
      return made
    }
    await modelSize('/models/tiny/', { worker })
    await probe({ model: '/models/tiny/', worker })
    return ended
  })
  expect(made).toEqual([true, true])
})

test('cancelled at any moment, though the browser never answers: AbortError at once', async ({ page }) => {
  await page.addInitScript(() => {
    GPU.prototype.requestAdapter = () => new Promise(() => {})
  })
  await open(page)
  const ended = await page.evaluate(async () => {
    const { probe, modelSize } = window.scalewise
    const found: { name: string; ms: number }[] = []
    // Before, while the manifest comes, and while the adapter does not.
    for (const ms of [-1, 0, 5, 300]) {
      for (const call of [probe, modelSize.bind(null, '/models/tiny/'), probe] as (typeof probe)[]) {
        if (call !== probe && ms > 5) continue
        const stop = new AbortController()
        if (ms < 0) stop.abort()
        else setTimeout(() => stop.abort(), ms)
        const model = found.length % 3 === 0 ? '/models/tiny/' : undefined
        const started = performance.now()
        const failure = await window
          .failure(call({ signal: stop.signal, ...(model && { model }) }))
          .catch(() => ({ name: 'done' }))
        found.push({ name: failure.name, ms: performance.now() - started - ms })
      }
    }
    return found
  })
  // How large a model is may be known within 5 ms.
  expect(ended.every(({ name }, i) => name === 'AbortError' || (name === 'done' && i % 3 === 1))).toBe(true)
  expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(1000)
})

import { expect, type Page } from '@playwright/test'
import { source } from '../testing/pages'
import { recordFault } from '../testing/reliability'
import { manifestOf, sent, sizeOf, test } from './setup'

/** The weights as the engine's worker loads them, from another origin. */

const tiny = '/tiny/manifest.json'

async function openHarness(page: Page): Promise<void> {
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
}

/** Starts loading without waiting; events and the outcome lie in `window` afterwards. */
async function startEngine(page: Page, model: string): Promise<void> {
  await page.evaluate((address) => {
    const stop = new AbortController()
    const seen: string[] = []
    const loaded: Record<string, number> = {}
    const outcome = window.scalewise
      .createEngine({
        model: address,
        backend: 'wasm',
        signal: stop.signal,
        onProgress: (event) => {
          if (event.stage === 'download') loaded[event.file] = event.loaded
          if (event.stage === 'compile' || event.stage === 'ready')
            seen.push('file' in event ? event.file : event.stage)
        },
      })
      .then(
        (engine) => {
          window.engine = engine
          return 'loaded'
        },
        (error: Error) => `${error.name}: ${error.message}`,
      )
    Object.assign(window, { loading: { stop, seen, loaded, outcome } })
  }, model)
}

interface LoadingWindow extends Window {
  loading: { stop: AbortController; seen: string[]; loaded: Record<string, number>; outcome: Promise<string> }
}

const outcome = (page: Page) => page.evaluate(() => (window as unknown as LoadingWindow).loading.outcome)

test('the text encoder is prepared while the student still downloads', async ({ models, page }) => {
  models.fault('/tiny/denoiser.onnx', { kind: 'hold', afterBytes: 100_000 }, 1)
  await openHarness(page)
  await startEngine(page, models.url + tiny)
  await page.waitForFunction(() => {
    const { seen, loaded } = (window as unknown as LoadingWindow).loading
    return seen.includes('text-encoder.onnx') && loaded['denoiser.onnx'] === 100_000
  })
  await models.stop()
  await models.restart()
  expect(await outcome(page)).toBe('loaded')
  expect(await page.evaluate(() => (window as unknown as LoadingWindow).loading.seen)).toEqual([
    'text-encoder.onnx',
    'denoiser.onnx',
    'decoder.onnx',
    'ready',
  ])
  expect(sent(models, 'denoiser.onnx')).toBe(sizeOf('denoiser.onnx', 'tiny'))
})

test('the first failure is reported, and ends the other downloads', async ({ models, page }, testInfo) => {
  const held = models.fault('/tiny/text-encoder.onnx', { kind: 'hold', afterBytes: 200_000 }, 1)
  const missing = models.fault('/tiny/denoiser.onnx', { kind: 'status', status: 404 })
  await openHarness(page)
  await startEngine(page, models.url + tiny)
  const failure = await outcome(page)
  expect(failure).toMatch(/^DownloadFailed: .*denoiser\.onnx.*404/)
  // The worker's own lock goes with the worker, a moment after the failure is reported.
  const locked = async (): Promise<(string | undefined)[]> => {
    const { held = [] } = await page.evaluate(() => navigator.locks.query())
    return held.map(({ name }) => name).filter((name) => name?.startsWith('scalewise'))
  }
  await expect.poll(locked).toEqual([])
  const left = await locked()
  held()
  missing()
  await startEngine(page, models.url + tiny)
  expect(await outcome(page)).toBe('loaded')
  await recordFault(testInfo, {
    fault: 'one file missing while another hangs',
    expected: 'DownloadFailed names the missing one, at once; nothing stays locked',
    result: `${failure.split(':')[0]}, ${left.length} locks, then loaded`,
  })
})

test('createEngine aborted in the middle of a download: what came is kept', async ({ models, page }, testInfo) => {
  const held = Math.floor(sizeOf('text-encoder.onnx', 'tiny') / 2) + 1
  models.fault('/tiny/text-encoder.onnx', { kind: 'hold', afterBytes: held }, 1)
  await openHarness(page)
  await startEngine(page, models.url + tiny)
  await page.waitForFunction(
    ([encoder, denoiser]) => {
      const { loaded } = (window as unknown as LoadingWindow).loading
      return loaded['text-encoder.onnx'] === encoder && loaded['denoiser.onnx'] === denoiser
    },
    [held, sizeOf('denoiser.onnx', 'tiny')] as const,
  )
  const ms = await page.evaluate(async () => {
    const began = performance.now()
    const { stop, outcome } = (window as unknown as LoadingWindow).loading
    stop.abort()
    const settled = await outcome
    if (!settled.startsWith('AbortError')) throw new Error(`Expected AbortError, got ${settled}`)
    return Math.round(performance.now() - began)
  })
  await startEngine(page, models.url + tiny)
  expect(await outcome(page)).toBe('loaded')
  const again = manifestOf('tiny').files.reduce((more, { path, bytes }) => more + sent(models, path) - bytes, 0)
  expect(again).toBe(0)
  await recordFault(testInfo, {
    fault: 'createEngine aborted in the middle of a download',
    expected: 'AbortError; the next call fetches what is missing',
    result: `settled after ${ms} ms; ${again} bytes sent twice`,
    bytesLost: again,
    ms,
  })
})

test('a version that is uploaded by half: the stored one draws, and says so', async ({ models, page }, testInfo) => {
  await openHarness(page)
  await startEngine(page, models.url + tiny)
  expect(await outcome(page)).toBe('loaded')
  const draw = () =>
    page.evaluate(async () => {
      const { images } = await window.engine.generate({ prompt: 'a red apple', seed: 1, schedule: 'quick' })
      return Array.from(images[0]?.data ?? []).reduce((sum, byte, i) => (sum * 31 + byte + i) >>> 0, 7)
    })
  const picture = await draw()
  await page.evaluate(() => window.engine.dispose())
  const manifest = manifestOf('tiny')
  const files = manifest.files.map((file) =>
    file.path === 'denoiser.onnx' ? { ...file, sha256: 'ab'.repeat(32) } : file,
  )
  const body = Buffer.from(JSON.stringify({ ...manifest, version: '9.9.9', files }))
  models.fault(tiny, { kind: 'replace', body })
  models.fault('/tiny/denoiser.onnx', { kind: 'status', status: 404 })
  const result = await page.evaluate(async (model) => {
    const warnings: string[] = []
    const onProgress = (event: { stage: string; message?: string }) => {
      if (event.stage === 'warning') warnings.push(event.message ?? '')
    }
    window.engine = await window.scalewise.createEngine({ model, backend: 'wasm', onProgress })
    return { warnings, version: (await window.scalewise.listModels())[0]?.version }
  }, models.url + tiny)
  expect(result.warnings).toEqual([expect.stringMatching(/404.*The stored model is used/)])
  expect(await draw()).toBe(picture)
  await recordFault(testInfo, {
    fault: 'a new version whose denoiser is not there yet',
    expected: 'the stored version draws, with a warning',
    result: 'same picture, warned',
  })
})

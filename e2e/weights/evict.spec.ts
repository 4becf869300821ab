import { createHash, randomBytes } from 'node:crypto'
import { expect, type Page } from '@playwright/test'
import { megabytes } from '../../src/weights/store/quota'
import { source } from '../testing/pages'
import { recordFault } from '../testing/reliability'
import type { FaultServer } from '../testing/server'
import { CHUNK, encoder, events, expectWhole, load, manifestOf, reload, sent, sizeOf, test, warnings } from './setup'

const sum = (model: string) => manifestOf(model).files.reduce((bytes, file) => bytes + file.bytes, 0)
/** Bytes of the files of the tiny model that the emoji model does not have too. */
const own = manifestOf('tiny').files.reduce(
  (bytes, file) =>
    manifestOf('emoji').files.some(({ sha256 }) => sha256 === file.sha256) ? bytes : bytes + file.bytes,
  0,
)
const names = async (page: Page) => (await page.evaluate(() => window.weights.listModels())).map(({ id }) => id).sort()

/**
 * The origin's true quota, which Chromium does not report to pages: `estimate()` says 10 GiB. To be set before the database
 * is opened, since what remains of it is asked for seldom.
 */
async function setQuota(page: Page, bytes?: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const size = bytes === undefined ? {} : { quotaSize: bytes }
  await session.send('Storage.overrideQuotaForOrigin', { origin: source, ...size })
}

/** A browser that reports it. */
function limitedEstimate(free: number): void {
  navigator.storage.estimate = async () => ({ quota: 1e9 + free, usage: 1e9 })
}

test.describe('a full disk', () => {
  // The emoji model fits, with what the database takes besides while it writes; another of 12 MB beside it does not.
  const quota = sum('emoji') + 400_000
  const big = randomBytes(12_000_000)

  /** The tiny model, its denoiser replaced by one that is as large. */
  function serveBig(models: FaultServer): void {
    const files = manifestOf('tiny').files.map((file) =>
      file.path === 'denoiser.onnx'
        ? { ...file, bytes: big.length, sha256: createHash('sha256').update(big).digest('hex') }
        : file,
    )
    const body = Buffer.from(JSON.stringify({ ...manifestOf('tiny'), files }))
    models.fault('/tiny/manifest.json', { kind: 'replace', body })
    models.fault('/tiny/denoiser.onnx', { kind: 'replace', body: big })
  }

  test('comes in the middle of a download: the model that is not in use makes room', async ({
    models,
    openTab,
    pending,
  }, testInfo) => {
    serveBig(models)
    const page = await openTab()
    await setQuota(page, quota)
    expect(await load(page, { model: `${models.url}/emoji/manifest.json` })).toMatchObject({ stored: true })
    const loaded = await load(page, { model: `${models.url}/tiny/manifest.json` })
    const warned = await warnings(page)
    expect(loaded.stored).toBe(true)
    expect(warned).toEqual([expect.stringMatching(/To make room.*'Emoji nano' was removed \(\d+\.\d MB\)/)])
    expect(await names(page)).toEqual(['tiny'])
    expect((await page.evaluate((m) => window.weights.verifyModel(m), `${models.url}/tiny/manifest.json`)).ok).toBe(
      true,
    )
    await recordFault(testInfo, {
      fault: 'quota exceeded in the middle of a download, an unused model stored',
      expected: 'the unused model makes room, with a warning',
      result: `${warned.length} warning, the new model is stored whole`,
      promisesPending: await pending(),
    })
  })

  test('never takes the model that is in use: memory and a warning', async ({ models, openTab, pending }, testInfo) => {
    serveBig(models)
    const [user, page] = [await openTab(), await openTab()]
    await setQuota(page, quota)
    await load(user, { model: `${models.url}/emoji/manifest.json`, keep: true })
    const loaded = await load(page, { model: `${models.url}/tiny/manifest.json` })
    expect(loaded.error).toBeUndefined()
    expect(loaded.stored).toBe(false)
    const warned = await warnings(page)
    expect(warned).toEqual([expect.stringMatching(/did not store the model \(there is no room.*works from memory/)])
    const verified = await page.evaluate((m) => window.weights.verifyModel(m), `${models.url}/emoji/manifest.json`)
    expect(verified.ok).toBe(true)
    await recordFault(testInfo, {
      fault: 'quota exceeded, the other model in use in another tab',
      expected: 'nothing removed; memory, with a warning',
      result: `${warned.length} warning, hash right; the other model is ${verified.ok ? 'whole' : 'damaged'}`,
      promisesPending: await pending(),
    })
  })

  test('with nothing to remove: memory, and what is stored is used by the next visit', async ({
    models,
    openTab,
    pending,
  }, testInfo) => {
    const page = await openTab()
    await setQuota(page, 3 * CHUNK)
    const model = `${models.url}/emoji/manifest.json`
    const loaded = await load(page, { model, only: [encoder] })
    expectWhole(loaded, 'emoji', [encoder])
    expect(loaded.stored).toBe(false)
    expect(await warnings(page)).toEqual([expect.stringMatching(/there is no room.*works from memory/)])
    await setQuota(page)
    await reload(page)
    models.requests.length = 0
    expectWhole(await load(page, { model, only: [encoder] }), 'emoji', [encoder])
    const kept = (await events(page, 'download'))[0]
    expect(kept?.source).toBe('store')
    expect(kept?.loaded).toBeGreaterThanOrEqual(CHUNK)
    expect(sent(models, encoder)).toBe(sizeOf(encoder) - (kept?.loaded ?? 0))
    await recordFault(testInfo, {
      fault: 'quota exceeded, nothing to remove',
      expected: 'memory with a warning; stored chunks are used by the next visit',
      result: `hash right; the next visit went on at ${kept?.loaded} bytes`,
      promisesPending: await pending(),
    })
  })

  test('that the browser reports: nothing is freed for a claim, and MB are named where no room can be', async ({
    models,
    openTab,
    pending,
  }, testInfo) => {
    const [user, page] = [await openTab(), await openTab()]
    const tiny = { model: `${models.url}/tiny/manifest.json` }
    await load(user, { model: `${models.url}/emoji/manifest.json`, keep: true })
    await page.evaluate(limitedEstimate, 400_000)
    expect(await load(page, tiny)).toMatchObject({ stored: false })
    const warned = await warnings(page)
    expect(warned).toEqual([
      expect.stringContaining(
        `did not store the model (it needs ${megabytes(own)}, and 0.40 MB are free). It works from memory`,
      ),
    ])
    await user.close()
    await expect.poll(() => page.evaluate(async () => (await window.weights.listModels())[0]?.inUse)).toBe(false)
    // Now room could be made; the disk itself has it, and what arrives is written without freeing anything.
    expect(await load(page, tiny)).toMatchObject({ stored: true })
    expect(await warnings(page)).toEqual([])
    expect(await names(page)).toEqual(['emoji-nano', 'tiny'])
    await recordFault(testInfo, {
      fault: 'too little room by estimate()',
      expected: 'nothing is freed before the disk is full; where no room can be made, memory and MB in the warning',
      result: `in use: ${warned[0]?.slice(0, 88)}…; unused: both stored`,
      promisesPending: await pending(),
    })
  })
})

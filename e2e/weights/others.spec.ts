import { createHash } from 'node:crypto'
import { expect, type Page } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import {
  CHUNK,
  came,
  emoji,
  encoder,
  expectWhole,
  finished,
  holdAt,
  load,
  manifestOf,
  path,
  reload,
  sent,
  size,
  start,
  test,
  warnings,
} from './setup'

/** What other models, links and tabs do to bytes that are verified, or on their way. */

/** A manifest as a link can carry it, in front of the models' own server. */
function claim(
  models: { url: string; fault(path: string, fault: { kind: 'replace'; body: Buffer }): () => void },
  change: (bytes: number) => number,
) {
  const manifest = manifestOf('tiny')
  const files = manifest.files.map((file) => ({ ...file, bytes: change(file.bytes) }))
  models.fault('/claim/manifest.json', { kind: 'replace', body: Buffer.from(JSON.stringify({ ...manifest, files })) })
  return `${models.url}/claim/manifest.json`
}

/** Hash of the whole database, the records of the claiming model and its parts left out. */
async function storeHash(page: Page, address: string): Promise<string> {
  const entries = await page.evaluate(async (owner) => {
    const seen: [string, string][] = []
    for (const key of (await window.weights.keys()).sort()) {
      const value = await window.weights.get(key)
      if (key.includes(owner) || key.startsWith('parts/')) continue
      seen.push([
        key,
        value instanceof Uint8Array
          ? String(value.reduce((sum, byte, i) => (sum * 31 + byte + i) >>> 0, 7))
          : JSON.stringify(value),
      ])
    }
    return seen
  }, address)
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
}

for (const [what, change] of [
  ['one byte less', (bytes: number) => bytes - 1],
  ['a kilobyte more', (bytes: number) => bytes + 1024],
  ['a terabyte', () => 2 ** 40],
] as const) {
  test(`a link names the hashes of a stored model with ${what}: not a byte of it changes`, async ({
    models,
    openTab,
    pending,
  }, testInfo) => {
    const page = await openTab()
    const model = `${models.url}/tiny/manifest.json`
    await load(page, { model })
    const address = claim(models, change)
    const before = await storeHash(page, address)
    const { error } = await load(page, { model: address })
    expect(error?.name).toMatch(/^(CorruptFile|OutOfMemory|DownloadFailed)$/)
    expect(await storeHash(page, address)).toBe(before)
    models.requests.length = 0
    expectWhole(await load(page, { model }), 'tiny')
    // What the refused load had still asked for may be answered after it.
    const asked = models.requests.map((request) => request.path).filter((each) => !each.startsWith('/claim/'))
    expect(asked).toEqual(['/tiny/manifest.json'])
    await recordFault(testInfo, {
      fault: `a link names another model's hashes with ${what}`,
      expected: 'refused by name; not a byte of the stored model changes',
      result: `${error?.name}; the store is the same, nothing fetched again`,
      bytesLost: 0,
      promisesPending: await pending(),
    })
  })
}

test('a tab hangs in the middle of a download: said after a while, then downloaded here as well', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const [hung, page] = [await openTab(), await openTab()]
  await holdAt(models, hung, { model: models.url + emoji, only: [encoder] }, CHUNK + 1)
  await page.evaluate(() => Object.assign(window.weights.waits, { quietMs: 500, hungMs: 1_500 }))
  const loaded = await load(page, { model: models.url + emoji, only: [encoder] })
  expectWhole(loaded, 'emoji', [encoder])
  const said = await warnings(page)
  expect(said).toEqual([
    expect.stringMatching(/Another tab downloads text-encoder.onnx and is silent: it may be suspended/),
    expect.stringMatching(/downloaded here as well/),
  ])
  // What the hung tab had stored of it was continued, and is not lost by its abort.
  expect(sent(models, encoder)).toBe(size + 1)
  await hung.evaluate(() => window.weights.stop.abort())
  await finished(hung)
  await reload(page)
  models.requests.length = 0
  expectWhole(await load(page, { model: models.url + emoji, only: [encoder] }), 'emoji', [encoder])
  expect(models.requests.filter((request) => request.path === path)).toEqual([])
  await recordFault(testInfo, {
    fault: 'a tab hangs while it downloads (limits shortened from 10 and 30 s to 0.5 and 1.5 s)',
    expected: 'said, then downloaded here from what is stored; the hung tab spoils nothing',
    result: `${said.length} warnings, ${sent(models, encoder)} bytes fetched again afterwards`,
    bytesLost: 0,
    promisesPending: await pending(),
  })
})

test('the model is deleted while another tab is between two of its files: from memory, no orphans', async ({
  models,
  openTab,
  pending,
}, testInfo) => {
  const [page, other] = [await openTab(), await openTab()]
  const model = `${models.url}/tiny/manifest.json`
  for (const file of manifestOf('tiny').files) {
    models.fault(`/tiny/${file.path}`, { kind: 'slow', bytesPerSecond: 300_000 }, 1)
  }
  await start(page, { model })
  await came(page, 'decoder.onnx', 1)
  // Past `deleteModel`, which refuses while a file is locked: as a release without that check would do.
  await other.evaluate(async (address) => {
    for (const key of await window.weights.keys()) if (key.includes(address)) await window.weights.drop(key)
  }, model)
  const loaded = await finished(page)
  expectWhole(loaded, 'tiny')
  expect(loaded.stored).toBe(false)
  expect(await warnings(page)).toEqual([expect.stringMatching(/it was deleted while it loaded/)])
  const sizes = await other.evaluate(() => window.weights.listModels())
  expect(sizes).toEqual([])
  await recordFault(testInfo, {
    fault: "the model's record is gone in the middle of its download",
    expected: 'from memory with a warning; nothing more is stored',
    result: `hash right, ${(await warnings(page)).length} warning, 0 models listed`,
    promisesPending: await pending(),
  })
})

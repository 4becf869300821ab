import { expect } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import {
  emoji,
  encoder,
  expectWhole,
  finished,
  holdAt,
  load,
  only,
  path,
  reload,
  sent,
  size,
  test,
  warnings,
} from './setup'

/** Servers that deliver in ways of their own. The model is on another origin than the page. */

for (const [what, fault] of [
  ['400', { kind: 'refuseRange', status: 400 }],
  ['403', { kind: 'refuseRange', status: 403 }],
  ['405', { kind: 'refuseRange', status: 405 }],
  ['416', { kind: 'refuseRange', status: 416 }],
  ['501', { kind: 'refuseRange', status: 501 }],
  ['a reset', { kind: 'refuseRange' }],
  ['gzip', { kind: 'gzip' }],
] as const) {
  test(`a range is answered with ${what}: the file comes whole, and what was there is compared`, async ({
    models,
    openTab,
    pending,
  }, testInfo) => {
    const page = await openTab()
    await holdAt(models, page, { model: models.url + emoji, only }, 5_000_000)
    await page.evaluate(() => window.weights.stop.abort())
    await finished(page)
    models.fault(path, fault)
    models.requests.length = 0
    expectWhole(await load(page, { model: models.url + emoji, only }), 'emoji', only)
    expect(await warnings(page)).toEqual([expect.stringMatching(/beginning again: the server cannot continue/)])
    await recordFault(testInfo, {
      fault: `range answered with ${what}`,
      expected: 'one whole GET; hash right',
      result: `${models.requests.filter((each) => each.path === path).length} requests, hash right`,
      promisesPending: await pending(),
    })
  })
}

test('gzip on another origin, which hides the encoding but not the length: the hash decides', async ({
  models,
  openTab,
}, testInfo) => {
  models.fault(/\.(json|onnx)$/, { kind: 'gzip' })
  const page = await openTab()
  const model = `${models.url}/tiny/manifest.json`
  expectWhole(await load(page, { model }), 'tiny')
  expect(await warnings(page)).toEqual([])
  await recordFault(testInfo, {
    fault: 'gzip, Content-Length of the compressed body',
    expected: 'loaded; the hash decides',
    result: 'hashes right, no warning',
  })
})

test('a signed folder, an address that redirects, a blob: and a data: manifest', async ({
  models,
  openTab,
}, testInfo) => {
  const page = await openTab()
  const signed = models.fault(/^\/tiny\//, { kind: 'signed', query: 'Signature=a%2Fb' })
  expectWhole(await load(page, { model: `${models.url}/tiny/manifest.json?Signature=a%2Fb` }), 'tiny')
  signed()
  const free = () => page.evaluate(() => indexedDB.deleteDatabase('scalewise') && undefined)
  await free()
  await reload(page)
  models.fault('/latest/manifest.json', { kind: 'redirect', to: '/tiny/manifest.json' })
  expectWhole(await load(page, { model: `${models.url}/latest/manifest.json` }), 'tiny')
  await free()
  await reload(page)
  const json = await (await fetch(`${models.url}/tiny/manifest.json`)).text()
  const addresses = await page.evaluate(
    (text) => [URL.createObjectURL(new Blob([text])), `data:application/json,${encodeURIComponent(text)}`],
    json,
  )
  for (const model of addresses) {
    const options = { page: `${models.url}/tiny/index.html` }
    expectWhole(await load(page, { model, options }), 'tiny')
  }
  await recordFault(testInfo, {
    fault: 'signed folder; redirected manifest; blob: and data: manifests',
    expected: 'loaded',
    result: 'hashes right',
  })
})

for (const [what, fault] of [
  ['403', { kind: 'status', status: 403 }],
  ['404', { kind: 'status', status: 404 }],
  ['410', { kind: 'status', status: 410 }],
  ['other JSON', { kind: 'replace', body: Buffer.from('{"error":"quota"}') }],
  ['a newer format', { kind: 'replace', body: Buffer.from('{"format":99}') }],
  ['a drip', { kind: 'slow', bytesPerSecond: 20 }],
] as const) {
  test(`the manifest is answered with ${what}: a stored model draws`, async ({
    models,
    openTab,
    pending,
  }, testInfo) => {
    const page = await openTab()
    const model = `${models.url}/tiny/manifest.json`
    await load(page, { model })
    models.fault('/tiny/manifest.json', fault)
    const start = Date.now()
    expectWhole(await load(page, { model, options: { stallMs: 2_000 } }), 'tiny')
    expect(await warnings(page)).toEqual([expect.stringMatching(/The stored model is used/)])
    await recordFault(testInfo, {
      fault: `manifest.json answered with ${what}`,
      expected: 'the stored model is used, with a warning',
      result: 'hashes right, warned',
      ms: Date.now() - start,
      promisesPending: await pending(),
    })
  })
}

test('a file that drips is taken for broken and continued', async ({ models, openTab }, testInfo) => {
  models.fault(path, { kind: 'slow', bytesPerSecond: 200 }, 1)
  const page = await openTab()
  expectWhole(await load(page, { model: models.url + emoji, only, options: { stallMs: 1_000 } }), 'emoji', only)
  expect(sent(models, encoder)).toBeLessThan(size + 1024)
  await recordFault(testInfo, {
    fault: '200 bytes a second (limit shortened from 30 s to 1 s)',
    expected: 'counts as broken, continued',
    result: 'retried, hash right',
  })
})

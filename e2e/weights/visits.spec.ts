import { expect, type Page, type Route, test } from '@playwright/test'
import { draw, expectState, site, weightRequests } from '../testing/pages'
import { recordFault } from '../testing/reliability'
import { startServer } from '../testing/server'
import { CHUNK, encoder, hashOf } from './setup'

/** Every test has a browser profile of its own, with nothing stored. */

async function expectFailure(page: Page, name: string, ...words: string[]): Promise<void> {
  await expectState(page, 'error')
  const failure = page.getByTestId('failure')
  await expect(failure).toHaveAttribute('data-name', name)
  for (const word of words) await expect(failure).toContainText(word)
}

/** Chunks of the text encoder in the page's database. */
function storedChunks(page: Page): Promise<number> {
  return page.evaluate(async (sha256) => {
    const known = await indexedDB.databases()
    if (!known.some(({ name }) => name === 'scalewise')) return 0
    return new Promise<number>((resolve, reject) => {
      const open = indexedDB.open('scalewise')
      open.onerror = () => reject(open.error)
      open.onsuccess = () => {
        const keys = open.result.transaction('weights').objectStore('weights').getAllKeys()
        keys.onerror = () => reject(keys.error)
        keys.onsuccess = () => {
          open.result.close()
          resolve(keys.result.filter((key) => String(key).startsWith(`chunks/${sha256}/`)).length)
        }
      }
    })
  }, hashOf(encoder))
}

/** The page stays usable: once the fault is gone, one press loads the model and it draws. */
async function expectRecovery(page: Page): Promise<void> {
  await page.getByTestId('retry').click()
  await expectState(page, 'ready')
  await expect(page.getByTestId('failure')).toBeHidden()
  await draw(page, 'a red apple')
  await expectState(page, 'done')
}

test('a second visit fetches no weights', async ({ page }) => {
  const requests = weightRequests(page)
  await page.goto(site())
  await expectState(page, 'ready')
  expect(requests.map((path) => path.split('/').at(-1)).sort()).toEqual([
    'decoder.onnx',
    'denoiser.onnx',
    'text-encoder.onnx',
    'tokenizer.json',
    'tokenizer_config.json',
  ])
  requests.length = 0
  await page.reload()
  await expectState(page, 'ready')
  await expect(page.getByTestId('loading')).toContainText('kept from before')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  expect(requests).toEqual([])
})

test('only this server is asked for anything', async ({ page, baseURL }) => {
  const elsewhere: string[] = []
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== baseURL) elsewhere.push(request.url())
  })
  await page.goto(site())
  await expectState(page, 'ready')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  expect(elsewhere).toEqual([])
})

test('a refused IndexedDB costs a warning, not the picture', async ({ page }) => {
  // Storage is the worker's affair, so that the fault has to be in the worker as well.
  await page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch()
    const fault =
      "Object.defineProperty(self, 'indexedDB', { get() { throw new DOMException('refused', 'SecurityError') } });\n"
    await route.fulfill({ response, body: fault + (await response.text()) })
  })
  await page.goto(site())
  await expectState(page, 'ready')
  await expect(page.getByTestId('warnings')).toContainText('did not store the model')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  await expect(page.getByTestId('warnings')).toContainText('works from memory')
})

test('a full disk costs a warning, not the picture', async ({ page, baseURL }) => {
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: baseURL ?? '', quotaSize: 100_000 })
  await page.goto(site())
  await expectState(page, 'ready')
  await expect(page.getByTestId('warnings')).toContainText('did not store the model')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
})

const denoiser = '**/models/tiny/denoiser.onnx'

const faults: readonly { what: string; name: string; words: string[]; answer: (route: Route) => Promise<void> }[] = [
  {
    what: 'a missing file',
    name: 'DownloadFailed',
    words: ['denoiser.onnx', '404', 'Check the model address'],
    answer: (route) => route.fulfill({ status: 404, body: 'none' }),
  },
  {
    what: 'no connection',
    name: 'DownloadFailed',
    words: ['could not be reached', 'Check the connection'],
    answer: (route) => route.abort('connectionrefused'),
  },
  {
    what: 'a file with another hash',
    name: 'CorruptFile',
    words: ['denoiser.onnx', 'sha256', 'try again'],
    answer: async (route) => {
      const response = await route.fetch()
      const body = await response.body()
      body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1
      await route.fulfill({ response, body })
    },
  },
  {
    what: 'a truncated file',
    name: 'CorruptFile',
    words: ['denoiser.onnx', 'bytes, expected', 'try again'],
    answer: async (route) => {
      const response = await route.fetch()
      const body = await response.body()
      await route.fulfill({ status: 200, contentType: 'application/octet-stream', body: body.subarray(0, 1000) })
    },
  },
]

for (const { what, name, words, answer } of faults) {
  test(`${what}: ${name}, with a remedy, and the page recovers`, async ({ page }, testInfo) => {
    await page.route(denoiser, answer)
    await page.goto(site())
    await expectFailure(page, name, ...words)
    await page.unroute(denoiser)
    const requests = weightRequests(page)
    await expectRecovery(page)
    // The first failure ended the other downloads; what had come of them is kept.
    const again = new Set(requests)
    expect([...again]).toContain('/models/tiny/denoiser.onnx')
    await recordFault(testInfo, {
      fault: `${what}, on the page`,
      expected: `${name} with a remedy; one press later it draws`,
      result: `${name} shown, then drew; ${again.size} of 5 files asked for again`,
    })
  })
}

test('the page reloaded in the middle of its first visit: If-Range on its own server', async ({ page }, testInfo) => {
  const server = await startServer()
  const path = '/models/emoji/text-encoder.onnx'
  const held = 9_000_000
  server.fault(path, { kind: 'hold', afterBytes: held }, 1)
  await page.goto(server.url + site({ model: 'models/emoji/manifest.json' }))
  await expect.poll(() => storedChunks(page), { timeout: 30_000 }).toBe(2)
  await page.reload()
  await expectState(page, 'ready')
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const requests = server.requests.filter((request) => request.path === path)
  const etag = (await fetch(server.url + path, { method: 'HEAD' })).headers.get('etag')
  expect(requests).toEqual([
    expect.objectContaining({ status: 200, sent: held }),
    expect.objectContaining({ status: 206, range: `bytes=${2 * CHUNK}-`, ifRange: etag }),
  ])
  const again = held - 2 * CHUNK
  await recordFault(testInfo, {
    fault: 'page reloaded in the middle of its first visit',
    expected: 'continues with If-Range from the stored chunks, and draws',
    result: `206 at ${2 * CHUNK}; ${again} bytes, received since the last chunk, sent again`,
  })
  await page.close()
  await server.stop()
})

test('a malformed manifest: InvalidManifest, with a remedy, and the page recovers', async ({ page }) => {
  const manifest = '**/models/tiny/manifest.json'
  await page.route(manifest, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), defaultSchedule: 'none such' } })
  })
  await page.goto(site())
  await expectFailure(page, 'InvalidManifest', 'defaultSchedule')
  await page.unroute(manifest)
  await expectRecovery(page)
})

test('a model that is not there says so', async ({ page }) => {
  await page.goto(site({ model: 'models/none/manifest.json' }))
  await expectFailure(page, 'DownloadFailed', 'models/none/manifest.json', 'the server answered 404')
})

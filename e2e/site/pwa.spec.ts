import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { PNG } from 'pngjs'
import { bytes } from '../../src/demo/shared/words'
import { draw, expectState, framePixels, site, source } from '../testing/pages'
import { recordFault } from '../testing/reliability'
import { type FaultServer, startServer } from '../testing/server'
import { tinyBytes } from '../testing/tiny'
import { goOffline, visit } from '../testing/visit'

/** The built page as an installed app: each test has an origin, a service worker and a store of its own. */
test.use({ serviceWorkers: 'allow' })

const folder = process.env.SITE_DIR ?? 'dist'
let server: FaultServer

test.beforeEach(async () => {
  server = await startServer()
})

test.afterEach(async () => {
  await server.stop()
})

for (const { how, cut } of [
  { how: 'the browser is offline', cut: (page: Page) => goOffline(page, server) },
  { how: 'the server does not answer, which the browser does not know', cut: () => server.stop() },
]) {
  test(`after one visit, ${how}: a reload comes up and draws`, async ({ page }, testInfo) => {
    await visit(page, server)
    await cut(page)
    await page.reload()
    await expectState(page, 'ready')
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    const colours = new Set((await framePixels(page)).data).size
    expect(colours).toBeGreaterThan(20)
    const badge = page.getByTestId('network')
    if (await page.evaluate(() => navigator.onLine)) await expect(badge).toBeEmpty()
    else await expect(badge).toHaveText('Offline')
    await recordFault(testInfo, {
      fault: `Page reloaded while ${how}`,
      expected: 'it comes up and draws',
      result: `drew a picture of ${colours} shades`,
    })
  })
}

test('after one visit, a link to a picture opens without a network', async ({ page }) => {
  await visit(page, server)
  await goOffline(page, server)
  const other = await page.context().newPage()
  await other.goto(server.url + site({ hash: '#prompt=two+hearts&seed=7&count=2' }))
  await expectState(other, 'done')
  await expect(other.getByTestId('prompt')).toHaveValue('two hearts')
  await expect(other.getByTestId('status')).toContainText('Seeds 7 to 8.')
})

test('a first visit cut short says what is missing, and continues by itself from there', async ({ page }, testInfo) => {
  const weights = /\/models\/tiny\/(?!manifest\.json)/
  const restore = server.fault('/models/tiny/denoiser.onnx', { kind: 'slow', bytesPerSecond: 5_000 })
  await page.goto(server.url + site())
  const rows = page.locator('#loading-files')
  // All files but the slow one, and ONNX Runtime.
  await expect(rows.locator('[data-file=done]')).toHaveCount(5)
  await expect(rows).toContainText(new RegExp(String.raw`[1-9]\d kB of ${bytes(tinyBytes('denoiser.onnx'))}`))
  await page.evaluate(() => navigator.serviceWorker.ready)
  await goOffline(page, server)
  await expectState(page, 'error')
  restore()

  await page.reload()
  await expectState(page, 'error')
  await expect(page.getByTestId('failure-name')).toHaveText('You are offline')
  const message = page.getByTestId('failure-message')
  await expect(message).toContainText('Get back online: it continues by itself')
  const [missing, rest] = ((await message.textContent()) ?? '').split(' of this model’s ')
  expect(rest).toMatch(new RegExp(`^${bytes(tinyBytes())} are not on this device yet`))
  await expect(page.getByTestId('stored-offline')).toContainText('its model is not all on this device')

  const before = server.requests.length
  await server.restart()
  await page.context().setOffline(false)
  await expectState(page, 'ready')
  await expect(page.getByTestId('failure')).toBeHidden()
  await expect(page.getByTestId('network')).toBeEmpty()
  const fetched = server.requests
    .slice(before)
    .filter(({ method, path }) => method === 'GET' && weights.test(path))
    .reduce((sum, { sent }) => sum + sent, 0)
  expect(missing).toBe(bytes(fetched))
  expect(fetched).toBeLessThan(tinyBytes('denoiser.onnx')) // All of the others were there, and a part of this one.
  await recordFault(testInfo, {
    fault: 'First visit cut short, page reloaded offline, then online again',
    expected: 'says how much is missing; fetches that alone, by itself',
    result: `said ${missing}; fetched ${fetched} of ${tinyBytes()} bytes`,
  })
})

test('that it is ready to work offline is said once', async ({ page }) => {
  await page.goto(server.url + site())
  const notice = page.getByTestId('notice')
  await expect(notice).toContainText('Works offline now.')
  const { y: top = 0, height = 0 } = (await notice.boundingBox()) ?? {}
  // It covers nothing that is pressed or read.
  expect(top + height).toBeLessThanOrEqual((await page.locator('.bar').boundingBox())?.y ?? 0)
  await visit(page, server)
  await expect(page.getByTestId('notice')).toBeEmpty()
})

test('the service worker keeps every file of the page, with revisions, and no file of a model', async ({ page }) => {
  await visit(page, server)
  await page.reload() // A page that the service worker serves loads its model past it.
  await expectState(page, 'ready')
  const kept = await page.evaluate(async () => {
    const found: { url: string; bytes: number }[] = []
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        const response = await cache.match(request)
        found.push({ url: request.url, bytes: (await response?.arrayBuffer())?.byteLength ?? 0 })
      }
    }
    return found
  })
  const path = (url: string) => new URL(url).pathname.slice(1)
  const shipped = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !name.startsWith('models/') || /\/vocabulary[.\w]*\.json$/.test(name))
    // The documents are read online (vite.config.ts).
    .filter((name) => !name.startsWith('docs/'))
    // The service worker itself, and what hosts read.
    .filter((name) => name !== 'sw.js' && name !== '_headers')
    // Kept where they are used: the browser of the tests has no real GPU.
    .filter((name) => !/\.(jspi|asyncify)-/.test(name))
  expect(kept.map(({ url }) => path(url)).sort()).toEqual(shipped.sort())
  for (const { url, bytes: size } of kept) {
    expect(url, 'a hash in the name or a revision').toMatch(/\/assets\/.+-[\w-]{8}\.\w+$|__WB_REVISION__=[0-9a-f]{32}$/)
    expect(size, url).toBe(readFileSync(join(folder, path(url))).length)
  }
  expect(kept.some(({ url, bytes: size }) => url.endsWith('.wasm') && size > 14_000_000)).toBe(true)
})

test('below a path it works offline too', async ({ page }, testInfo) => {
  const root = testInfo.outputPath('host')
  mkdirSync(join(root, 'deep'), { recursive: true })
  symlinkSync(resolve(folder), join(root, 'deep', 'app'), 'dir')
  await server.stop()
  server = await startServer({ root })
  await visit(page, server, '/deep/app')
  await goOffline(page, server)
  await page.goto(`${server.url}/deep/app${site({ hash: '#prompt=two+hearts&seed=7' })}`)
  await expectState(page, 'done')
  await expect(page.getByTestId('status')).toContainText('Seed 7.')
})

test('apps below one another’s paths keep each their own files', async ({ page }, testInfo) => {
  const root = testInfo.outputPath('host')
  const places = ['/app', '/app/next', '/app/ä (b)+c']
  for (const place of places) {
    mkdirSync(join(root, place), { recursive: true })
    for (const name of readdirSync(folder)) symlinkSync(resolve(folder, name), join(root, place, name))
  }
  await server.stop()
  server = await startServer({ root })
  // The innermost first: each further one could take the caches of those below it for older ones of its own.
  for (const place of places.toReversed()) await visit(page, server, place)
  await goOffline(page, server)
  for (const place of places) {
    await page.goto(`${server.url}${place}${site({ hash: '#prompt=two+hearts&seed=7' })}`)
    await expectState(page, 'done')
  }
  await recordFault(testInfo, {
    fault: 'Three apps below one another’s paths, one with signs that patterns use, stored one after the other',
    expected: 'each works offline',
    result: `${places.length} of ${places.length} drew offline`,
  })
})

test('can be installed: the manifest and its icons are what they say', async ({ page }) => {
  await visit(page, server)
  const session = await page.context().newCDPSession(page)
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
  const { url, data = '{}' } = await session.send('Page.getAppManifest')
  const manifest = JSON.parse(data)
  expect(manifest).toMatchObject({ short_name: 'scalewise', start_url: './', scope: './', display: 'standalone' })
  for (const field of ['name', 'description', 'background_color', 'theme_color']) expect(manifest[field]).toBeTruthy()
  const icons = manifest.icons as { src: string; sizes: string; type: string; purpose: string }[]
  const pngs = icons.filter(({ type }) => type === 'image/png')
  expect(pngs.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual([
    '192x192 any',
    '512x512 any',
    '512x512 maskable',
  ])
  for (const { src, sizes, purpose } of pngs) {
    const response = await page.request.get(new URL(src, url).href)
    const png = PNG.sync.read(await response.body())
    expect(`${png.width}x${png.height}`).toBe(sizes)
    // What a system cuts to its own shape has to fill its square; what it does not, brings its own shape.
    expect(png.data[3]).toBe(purpose === 'maskable' ? 255 : 0)
  }
  await expect(page.getByTestId('install')).toBeHidden()
  const prompted = await page.evaluate(async () => {
    const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt: () => {} })
    const asked = new Promise<boolean>((resolve) => {
      offer.prompt = () => resolve(true)
    })
    dispatchEvent(offer)
    document.getElementById('install')?.click()
    return asked
  })
  expect(prompted).toBe(true)
  await expect(page.getByTestId('install')).toBeHidden()
})

test('a model deleted in the page frees the store; the page continues from memory', async ({ page }, testInfo) => {
  await visit(page, server)
  const used = () =>
    page.evaluate(async () => {
      const estimate = (await navigator.storage.estimate()) as { usageDetails?: { indexedDB?: number } }
      return estimate.usageDetails?.indexedDB ?? 0
    })
  // The database compresses what it can, which of weights is little.
  const before = await used()
  expect(before).toBeGreaterThan(tinyBytes() / 2)
  const models = page.getByTestId('stored-models')
  await models.getByRole('button', { name: 'Check Tiny 0.1.0' }).click()
  await expect(models).toContainText('every byte as it should be')
  await models.getByRole('button', { name: 'Delete Tiny 0.1.0' }).click()
  await expect(models).toContainText(`Delete ${bytes(tinyBytes())}?`)
  await page.keyboard.press('Escape')
  await expect(models).not.toContainText(`Delete ${bytes(tinyBytes())}?`)
  await models.getByRole('button', { name: 'Delete Tiny 0.1.0' }).click()
  await models.getByRole('button', { name: 'Delete Tiny 0.1.0 now' }).click()
  await expect(models).toBeEmpty()
  await expect(page.getByTestId('stored-news')).toContainText(`Deleted Tiny: ${bytes(tinyBytes())} are free again.`)
  await expect(page.getByTestId('stored-offline')).not.toContainText('Works offline')
  // IndexedDB gives the room back when it next tidies up.
  await expect.poll(used, { timeout: 40_000 }).toBeLessThan(before / 4)
  await draw(page, 'a red apple')
  await expectState(page, 'done')
  const left = await used()
  await recordFault(testInfo, {
    fault: 'Model deleted while its engine runs',
    expected: 'its room is free, and the engine continues from memory',
    result: `${left} of ${before} bytes left in IndexedDB; drew a picture`,
  })
})

test('while developing there is no service worker', async ({ page }) => {
  await page.goto(source + site())
  await expectState(page, 'ready')
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
  await expect(page.getByTestId('stored-offline')).toContainText('the page itself is not')
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { draw, expectState, site } from '../testing/pages'
import { recordFault } from '../testing/reliability'
import { type FaultServer, startServer } from '../testing/server'
import { goOffline, visit } from '../testing/visit'

/** The service worker takes only what the build's hashes say, and answers only for addresses of the build. */
test.use({ serviceWorkers: 'allow' })

const folder = process.env.SITE_DIR ?? 'dist'
let server: FaultServer

test.beforeEach(async () => {
  server = await startServer()
})

test.afterEach(async () => {
  await server.stop()
})

function asset(pattern: RegExp): string {
  const name = readdirSync(join(folder, 'assets')).find((candidate) => pattern.test(candidate))
  if (!name) throw new Error(`No file of the build matches ${pattern}`)
  return `/assets/${name}`
}

/** Which versions of the service worker this page's registration has, and what their caches hold. */
function installed(page: Page): Promise<{ active: boolean; waiting: boolean; caches: string[] }> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration()
    const { active = null, waiting = null } = registration ?? {}
    return { active: active !== null, waiting: waiting !== null, caches: await caches.keys() }
  })
}

for (const { what, path, poison } of [
  {
    what: 'a captive portal answers for the engine’s worker script',
    path: asset(/^worker-.+\.js$/),
    poison: { kind: 'html' } as const,
  },
  {
    what: 'a host serves another version of the page’s script',
    path: asset(/^index-.+\.js$/),
    poison: { kind: 'replace', body: Buffer.from('export {} // Another version.') } as const,
  },
  {
    what: 'a host serves the page in place of the app’s manifest',
    path: '/manifest.webmanifest',
    poison: { kind: 'html' } as const,
  },
]) {
  test(`while the app is stored, ${what}: nothing is stored, and the next visit stores it`, async ({
    page,
  }, testInfo) => {
    // The service worker's own requests alone: the page itself has the right files.
    await page.goto(`${server.url}/icon.svg`)
    const restore = server.fault(path, poison)
    const ended = await page.evaluate(async () => {
      const { installing, waiting, active } = await navigator.serviceWorker.register('/sw.js')
      const worker = installing ?? waiting ?? active
      // An install that fails at once may be over before anything can listen.
      if (!worker) return 'redundant'
      while (worker.state === 'installing') await new Promise((resolve) => setTimeout(resolve, 50))
      return worker.state
    })
    expect(ended).toBe('redundant')
    expect((await installed(page)).active).toBe(false)
    restore()

    await visit(page, server)
    await goOffline(page, server)
    await page.reload()
    await expectState(page, 'ready')
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    await recordFault(testInfo, {
      fault: `While the app is stored for offline use, ${what}`,
      expected: 'nothing of it is stored; the next visit stores the app',
      result: 'the install was refused; the next visit stored the app, which then drew offline',
    })
  })
}

/** The service worker of an earlier release: without hashes, its cache under another name. */
function earlierWorker(): Buffer {
  const worker = readFileSync(join(folder, 'sw.js'), 'utf8')
  const earlier = worker
    .replaceAll(/{integrity:"[^"]+"}/g, '{}')
    .replaceAll(/,integrity:"[^"]+"/g, '')
    .replaceAll('scalewise-verified', 'workbox')
  expect(earlier.includes('integrity:"sha384-')).toBe(false)
  return Buffer.from(earlier)
}

test('an install that an earlier release let a captive portal poison repairs itself', async ({ page }, testInfo) => {
  await page.goto(`${server.url}/icon.svg`)
  const poisoned = asset(/^index-.+\.js$/)
  const heal = [
    server.fault('/sw.js', { kind: 'replace', body: earlierWorker() }),
    server.fault(poisoned, { kind: 'html' }),
  ]
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js')
    await navigator.serviceWorker.ready
  })
  for (const restore of heal) restore()
  await page.goto(server.url + site())
  // The old worker still answers with the portal's page where the script should be.
  await expect(page.locator('body')).toHaveAttribute('data-state', 'loading')
  await expect.poll(async () => (await installed(page)).waiting).toBe(true)
  // The new version takes over when no page of the old one is open.
  await page.goto('about:blank')
  await expect
    .poll(async () => {
      const other = await page.context().newPage()
      await other.goto(`${server.url}/icon.svg`)
      const { waiting } = await installed(other)
      await other.close()
      return waiting
    })
    .toBe(false)
  await page.goto(server.url + site())
  await expectState(page, 'ready')
  const kept = (await installed(page)).caches.filter((name) => name.includes('precache'))
  expect(kept).toHaveLength(1)
  expect(kept[0]).toContain('scalewise-verified')
  await recordFault(testInfo, {
    fault: 'The app was stored by an earlier release, with a captive portal’s page in place of its script',
    expected: 'the next release replaces it without help',
    result: 'the new version was stored beside it, took over on the next visit, and removed the old cache',
  })
})

test('unknown addresses get the server’s answer, not the page', async ({ page }, testInfo) => {
  await visit(page, server)
  const unknown = ['/no/such/page/', '/no-such-page', '/models/none/manifest.json', '/assets/none.js']
  for (const path of unknown) {
    const answer = await page.goto(server.url + path)
    expect(answer?.status(), path).toBe(404)
  }
  await goOffline(page, server)
  // In a page of its own: the browser's error page arrives after the navigation has failed.
  const other = await page.context().newPage()
  await expect(other.goto(`${server.url}/no/such/page/`)).rejects.toThrow(/ERR_(INTERNET_DISCONNECTED|FAILED)/)
  for (const path of ['/', '/index.html', '/bench.html', '/bench.html?x=1']) {
    expect((await page.goto(server.url + path))?.status(), path).toBe(200)
  }
  await recordFault(testInfo, {
    fault: 'An address that does not exist is opened after the app is stored',
    expected: 'the server’s 404; offline, the browser’s own page',
    result: `${unknown.length} addresses gave 404; offline they fail, and the app’s own addresses open`,
  })
})

import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { headerPolicy } from '../../scripts/policy'
import { draw, expectState, framePixels, pageErrors, site } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'
import { goOffline, visit } from '../testing/visit'

/** The strictest policy that the built site runs under: what hosts that read `_headers` send, and the README gives. */
const policy = headerPolicy()
/** Violations of the page, of its worker and of the service worker all arrive there. */
const reports = '/violations'

test.use({ serviceWorkers: 'allow' })

const isolations: readonly { name: string; isolated: boolean; headers: Record<string, string> }[] = [
  { name: 'no isolation', isolated: false, headers: {} },
  { name: 'COEP require-corp', isolated: true, headers: isolation('require-corp') },
  { name: 'COEP credentialless', isolated: true, headers: isolation('credentialless') },
]

function isolation(embedder: string): Record<string, string> {
  return { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': embedder }
}

function serve(headers: Record<string, string>): Promise<FaultServer> {
  const value = `${policy}; report-uri ${reports}`
  return startServer({ headers: { ...headers, 'content-security-policy': value } })
}

const violations = (server: FaultServer): number => server.requests.filter(({ path }) => path === reports).length

for (const { name, isolated, headers } of isolations) {
  test(`${name}: under the strict policy it draws, is stored, and draws offline`, async ({ page }) => {
    const server = await serve(headers)
    const errors = pageErrors(page)
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`policy violated: ${violatedDirective} by ${blockedURI}`)
      })
    })
    try {
      await visit(page, server)
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated)
      await draw(page, 'a red apple')
      await expectState(page, 'done')
      expect(new Set((await framePixels(page)).data).size).toBeGreaterThan(20)
      // What else the page does with scripts and styles of its own.
      await page.getByRole('button', { name: /^Theme/ }).click()
      await page.getByRole('button', { name: 'Check Tiny 0.1.0' }).click()
      await expect(page.getByTestId('stored-models')).toContainText('every byte as it should be')
      const saved = page.waitForEvent('download')
      await page.getByTestId('download').click()
      expect(await (await saved).failure()).toBeNull()
      await page.getByTestId('take-away').click()
      await expect(page.getByTestId('away-telegram-size')).toContainText('PNG of')
      const taken = page.waitForEvent('download')
      await page.getByTestId('away-webp').click()
      expect(await (await taken).failure()).toBeNull()
      await page.keyboard.press('Escape')
      expect(errors).toEqual([])

      await goOffline(page, server)
      await page.reload()
      await expectState(page, 'done') // The address names the picture that was drawn.
      // From the second visit on the service worker isolates what the host does not.
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
      // The browser itself logs that it could not ask for the manifest.
      expect(errors.filter((message) => !message.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([])
      expect(violations(server)).toBe(0)
    } finally {
      await server.stop()
    }
  })
}

test('under the strict policy it draws on WebGPU', async ({ page }) => {
  test.slow() // A software GPU compiles the shaders for some ten seconds.
  const server = await serve(isolation('require-corp'))
  const errors = pageErrors(page)
  try {
    await page.goto(server.url + site({ backend: 'webgpu' }))
    await expectState(page, 'ready')
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    await expect(page.getByTestId('backend-report')).toContainText('WebGPU')
    expect(errors).toEqual([])
    expect(violations(server)).toBe(0)
  } finally {
    await server.stop()
  }
})

test('licences.txt has the notices of all that is bundled', async ({ page, request }) => {
  await page.goto(site())
  await expect(page.getByRole('link', { name: 'Licences' })).toHaveAttribute('href', './licences.txt')
  const notices = await (await request.get('/licences.txt')).text()
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const [name, version] of Object.entries(dependencies)) expect(notices).toContain(`${name} ${version} (`)
  expect(notices.match(/(MIT License|Apache License)/g)?.length).toBeGreaterThanOrEqual(6)
})

test('the policy is in force: an inline script is refused and reported', async ({ page }) => {
  const server = await serve({})
  try {
    await page.goto(server.url + site())
    const directive = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective))
          const script = document.createElement('script')
          script.textContent = 'document.title = "broken"'
          document.body.append(script)
        }),
    )
    expect(directive).toContain('script-src')
    await expect(page).toHaveTitle('scalewise')
    await expect.poll(() => violations(server)).toBe(1)
  } finally {
    await server.stop()
  }
})

for (const address of ['/', '/study.html', '/bench.html']) {
  test(`${address} on a host that sends no policy: no inline script, no foreign one, no plug-in, no other base`, async ({
    page,
  }) => {
    // Another origin, whose scripts the page could load but for its policy.
    const [host, foreign] = [await startServer(), await startServer({ cors: true })]
    try {
      await page.goto(host.url + address)
      const refused = await page.evaluate(async (elsewhere) => {
        const directives: string[] = []
        addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective))
        const add = (name: string, values: object) =>
          document.body.append(Object.assign(document.createElement(name), values))
        add('script', { textContent: 'document.title = "broken"' })
        add('script', { src: `${elsewhere}/old-caches.js` })
        add('object', { data: `${elsewhere}/icon.svg` })
        add('base', { href: elsewhere })
        add('img', { src: 'none', onerror: null })
        document.body.lastElementChild?.setAttribute('onerror', 'document.title = "broken"')
        add('a', { href: 'javascript:document.title = "broken"' })
        ;(document.body.lastElementChild as HTMLAnchorElement).click()
        await new Promise((resolve) => setTimeout(resolve, 1000))
        return [...new Set(directives)].sort()
      }, foreign.url)
      expect(refused).toEqual(['base-uri', 'object-src', 'script-src-attr', 'script-src-elem'])
      await expect(page).toHaveTitle(/scalewise/)
      expect(foreign.requests).toEqual([])
    } finally {
      await Promise.all([host.stop(), foreign.stop()])
    }
  })
}

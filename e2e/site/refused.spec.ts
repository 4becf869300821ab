import { expect, test } from '@playwright/test'
import { draw, expectState, pageErrors, site } from '../testing/pages'
import { recordFault } from '../testing/reliability'

/**
 * What a browser can refuse to a page and its worker, in frames, private windows and by policies, in every combination.
 * Stubs: no browser here refuses these one by one.
 */
const denied = "throw new DOMException('refused', 'SecurityError')"
const get = (name: string) => `Object.defineProperty(self, '${name}', { get() { ${denied} } });`
const refusals = {
  IndexedDB: get('indexedDB'),
  locks: `{
    const refuse = async () => { ${denied} };
    const prototype = Object.getPrototypeOf(navigator);
    Object.defineProperty(prototype, 'locks', { get: () => ({ request: refuse, query: refuse }) });
  }`,
  channels: `self.BroadcastChannel = class { constructor() { ${denied} } };`,
  'page storage': `${get('localStorage')} ${get('sessionStorage')} ${get('caches')}`,
} as const

const names = Object.keys(refusals) as (keyof typeof refusals)[]
const combinations = Array.from({ length: 2 ** names.length - 1 }, (_, i) =>
  names.filter((_, bit) => ((i + 1) >> bit) % 2 === 1),
)

for (const refused of combinations) {
  test(`${refused.join(', ')} refused: it draws, twice`, async ({ page }, testInfo) => {
    const errors = pageErrors(page)
    const fault = refused.map((name) => refusals[name]).join('\n')
    await page.addInitScript(fault)
    await page.route('**/assets/worker-*.js', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: `${fault}\n${await response.text()}` })
    })
    await page.goto(site())
    await expectState(page, 'ready')
    await draw(page, 'a red apple')
    await expectState(page, 'done')
    await page.getByTestId('prompt').fill('a blue fish')
    await page.getByTestId('draw').click()
    await expectState(page, 'done')
    const warnings = (await page.getByTestId('warnings').textContent()) ?? ''
    if (refused.includes('IndexedDB')) expect(warnings).toContain('It works from memory')
    if (refused.includes('locks')) expect(warnings).toMatch(/memory|tabs/)
    expect(errors).toEqual([])
    await recordFault(testInfo, {
      fault: `${refused.join(', ')} refused to the page and its worker`,
      expected: 'it draws, with a warning where something is lost',
      result: `two pictures${warnings ? ', warned' : ''}`,
    })
  })
}

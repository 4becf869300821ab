import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Browser, openBrowser, upload } from './testing/model-site'

vi.mock('../manifest-problems', () => {
  throw new Error('no network')
})

let browser: Browser
beforeEach(async () => {
  browser = await openBrowser()
})
afterEach(() => browser.site.close())

it('a manifest is refused by its name and in few words where the others cannot be loaded', async () => {
  const manifest = upload(browser.site, '1')
  const { use } = browser.tab()
  for (const [change, words] of [
    [{ defaultSchedule: 'none' }, /manifest\.json is wrong \(noDefault defaultSchedule\)\. Export the model again\.$/],
    [{ decoder: undefined }, /manifest\.json is wrong \(form the top level\)\. Export the model again\.$/],
  ] as const) {
    browser.site.put('manifest.json', Buffer.from(JSON.stringify({ ...manifest, ...change })))
    await expect(use()).rejects.toMatchObject({ name: 'InvalidManifest', message: expect.stringMatching(words) })
  }
})

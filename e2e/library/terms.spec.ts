import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { source } from '../testing/pages'
import { startServer } from '../testing/server'

const notice = { title: 'Terms of kindness', text: 'Be kind.', url: 'https://example.com/terms', accept: true }
const hash = createHash('sha256')
  .update(JSON.stringify([notice.title, notice.text, notice.url]))
  .digest('hex')

test('a model with terms: an app gets them to show, and no other file is asked for before they are accepted', async ({
  page,
}) => {
  const server = await startServer({ root: '.', cors: true })
  const body = Buffer.from(JSON.stringify({ ...JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')), notice }))
  server.fault('/models/tiny/manifest.json', { kind: 'replace', body })
  await page.goto(`${source}/e2e/testing/harness.html`)
  await page.waitForFunction(() => 'scalewise' in window)
  const model = `${server.url}/models/tiny/`
  const { refused, probed } = await page.evaluate(async (model) => {
    const { createEngine, probe } = window.scalewise
    const error = await createEngine({ model, backend: 'wasm' }).catch((error) => error)
    return {
      refused: { name: error.name, message: error.message, notice: error.notice },
      probed: (await probe({ model })).model,
    }
  }, model)
  const shown = { title: notice.title, text: notice.text, url: notice.url, hash }
  expect(refused).toMatchObject({ name: 'LicenceNotAccepted', notice: shown })
  expect(refused.message).toContain(`acceptLicence: '${hash}'`)
  expect(probed).toMatchObject({ id: 'tiny', storedBytes: 0, notice: shown })
  expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(['/models/tiny/manifest.json']))

  const drawn = await page.evaluate(
    async ({ model, hash }) => {
      const engine = await window.scalewise.createEngine({ model, backend: 'wasm', acceptLicence: hash })
      const { stats } = await engine.generate({ prompt: 'a red apple', seed: 1 })
      await engine.dispose()
      return stats
    },
    { model, hash },
  )
  expect(drawn.live).toBe(0)
  await server.stop()
})

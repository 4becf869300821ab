import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openModel } from './open-model'
import { storedModels } from './store/read-stored'
import { createWeightStore } from './store/weight-store'
import { MemoryStore } from './testing/memory-store'
import { openSite, type Site } from './testing/site'

const notice = { title: 'Terms of kindness', text: 'Be kind.', url: 'https://example.com/terms', accept: true }
const hash = createHash('sha256')
  .update(JSON.stringify([notice.title, notice.text, notice.url]))
  .digest('hex')
let site: Site

beforeEach(async () => {
  site = await openSite()
})
afterEach(() => site.close())

function upload(changes: object = {}): void {
  const manifest = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8'))
  site.put('manifest.json', Buffer.from(JSON.stringify({ ...manifest, notice: { ...notice, ...changes } })))
}

function open(store: ReturnType<typeof createWeightStore>, acceptLicence?: string) {
  return openModel(site.address, { progress() {} }, undefined, { store, acceptLicence, retryMs: 1, stallMs: 500 })
}

it('asks for nothing but the manifest and stores nothing before the terms are accepted', async () => {
  upload()
  const store = createWeightStore(new MemoryStore())
  for (const accepted of [undefined, '', hash.toUpperCase(), hash.slice(1)]) {
    const refusal = await open(store, accepted).catch((error) => error)
    expect(refusal).toMatchObject({
      name: 'LicenceNotAccepted',
      notice: { title: notice.title, text: notice.text, url: notice.url, hash },
    })
    expect(refusal.message).toContain(hash)
    expect(refusal.message).toContain(notice.title)
  }
  expect(new Set(site.server.requests.map(({ path }) => path))).toEqual(new Set(['/manifest.json']))
  expect((await storedModels(store)).size).toBe(0)
  const model = await open(store, hash)
  expect(model.manifest.id).toBe('tiny')
  model.close()
})

it('asks again when the terms are others', async () => {
  upload()
  const store = createWeightStore(new MemoryStore())
  ;(await open(store, hash)).close()
  upload({ text: 'Be very kind.' })
  await expect(open(store, hash)).rejects.toMatchObject({ name: 'LicenceNotAccepted' })
})

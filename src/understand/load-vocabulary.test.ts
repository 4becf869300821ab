import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { waits } from '../waits'
import { loadVocabulary } from './index'

/** A model's list of words comes from anywhere, as its manifest does, and is read on the page's thread. */

const before = { ...waits }
const open: (() => void)[] = []
afterEach(() => {
  Object.assign(waits, before)
  for (const close of open.splice(0)) close()
})

/** A server that has a manifest which names a vocabulary, and this one. Resolves to its model's address. */
async function serve(vocabulary: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url?.endsWith('manifest.json')) response.end('{ "vocabulary": "vocabulary.json" }')
    else vocabulary(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const json = (value: object) => serve((_, response) => response.end(JSON.stringify({ format: 1, ...value })))

it('stops reading a body that has no end', async () => {
  let sent = 0
  const model = await serve((_, response) => {
    const more = (): void => {
      sent += 65_536
      if (!response.destroyed) response.write(Buffer.alloc(65_536, 32), () => setImmediate(more))
    }
    more()
  })
  await expect(loadVocabulary({ model })).rejects.toMatchObject({ name: 'DownloadFailed' })
  expect(sent).toBeLessThan(20_000_000)
})

it('stops unpacking 300 kB that hold 300 MB', async () => {
  const bomb = gzipSync(Buffer.alloc(3e8, 32))
  const model = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb))
  const memory = process.memoryUsage().rss
  await expect(loadVocabulary({ model })).rejects.toMatchObject({ name: 'DownloadFailed' })
  expect(process.memoryUsage().rss - memory).toBeLessThan(2e8)
})

it('waits no longer than the limit for one that never comes', async () => {
  waits.vocabularyMs = 200
  const model = await serve(() => {})
  await expect(loadVocabulary({ model })).rejects.toMatchObject({ name: 'DownloadFailed' })
})

it.each([[Array.from({ length: 100_000 }, (_, i) => `l${i}`)], [['../../other/model']], [['de?signature=none']]])(
  'takes no languages but a few, by their codes',
  async (languages) => {
    const model = await json({ words: { a: 1 }, concepts: {}, languages })
    await expect(loadVocabulary({ model })).rejects.toMatchObject({ name: 'InvalidManifest' })
  },
)

it('of nothing that can be drawn, nothing is a surprise', async () => {
  const vocabulary = await loadVocabulary({ model: await json({ words: {}, concepts: {} }) })
  expect(vocabulary?.surprise()).toBe('')
})

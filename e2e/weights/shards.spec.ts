import { createHash, randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { type FaultServer, startServer } from '../testing/server'
import { test as base, finished, type Loaded, manifestOf, sent, start, warnings } from './setup'

/** Ten shards of weights beside a graph, which pass the page's memory. On another origin than the page. */

const BYTES = 5_000_000
const shard = (i: number) => `denoiser-${i}.bin`

const test = base.extend<{ shards: FaultServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of it.
  shards: async ({}, use) => {
    const root = mkdtempSync(join(tmpdir(), 'scalewise-shards-'))
    cpSync('models/tiny', root, { recursive: true })
    const manifest = manifestOf('tiny')
    const files = Array.from({ length: 10 }, (_, i) => {
      const bytes = randomBytes(BYTES)
      writeFileSync(join(root, shard(i)), bytes)
      return { path: shard(i), bytes: BYTES, sha256: createHash('sha256').update(bytes).digest('hex') }
    })
    const denoiser = { ...manifest.denoiser, data: files.map(({ path }) => path) }
    const text = JSON.stringify({ ...manifest, denoiser, files: [...manifest.files, ...files] })
    writeFileSync(join(root, 'manifest.json'), text)
    const server = await startServer({ root, cors: true })
    await use(server)
    await server.stop()
    rmSync(root, { recursive: true })
  },
})

const loading = (server: FaultServer) => ({
  model: `${server.url}/manifest.json`,
  only: Array.from({ length: 10 }, (_, i) => shard(i)),
  form: 'blob' as const,
})

function load(page: Page, server: FaultServer): Promise<Loaded> {
  return page.evaluate((given) => window.weights.load(given), loading(server))
}

const all = (server: FaultServer): number =>
  Array.from({ length: 10 }, (_, i) => sent(server, shard(i))).reduce((sum, each) => sum + each, 0)

test('one shard in ten is interrupted: the next visit continues there', async ({ shards, openTab }, testInfo) => {
  shards.fault(`/${shard(6)}`, { kind: 'hold', afterBytes: 4_500_000 }, 1)
  const page = await openTab()
  await start(page, loading(shards))
  await page.waitForFunction((path) => window.weights.loaded(path) >= 4_500_000, shard(6))
  await page.evaluate(() => window.weights.stop.abort())
  expect((await finished(page)).error?.name).toBe('AbortError')
  const before = all(shards)
  const { error, sha256 } = await load(page, shards)
  expect(error).toBeUndefined()
  expect(Object.keys(sha256)).toHaveLength(10)
  expect(all(shards)).toBe(10 * BYTES)
  expect(await warnings(page)).toEqual([])
  await recordFault(testInfo, {
    fault: 'download of the seventh of ten shards interrupted',
    expected: 'the next visit continues there',
    result: `${before} bytes before, ${all(shards) - before} after, all hashes right`,
    bytesLost: all(shards) - 10 * BYTES,
  })
})

test('one shard is corrupt: fetched once more, then CorruptFile names it; the others stay', async ({
  shards,
  openTab,
}, testInfo) => {
  const repair = shards.fault(`/${shard(3)}`, { kind: 'corrupt', atByte: 4_400_000 })
  const page = await openTab()
  const { error } = await load(page, shards)
  expect(error).toMatchObject({ name: 'CorruptFile', message: expect.stringContaining(shard(3)) })
  expect(sent(shards, shard(3))).toBe(2 * BYTES)
  repair()
  // Those that were asked for after it may not have come.
  const kept = all(shards) - 2 * BYTES
  const again = await load(page, shards)
  expect(again.error).toBeUndefined()
  expect(all(shards)).toBe(11 * BYTES + BYTES)
  await recordFault(testInfo, {
    fault: 'one of ten shards corrupt on its server, then repaired',
    expected: 'CorruptFile names it; only what is missing is fetched afterwards',
    result: `${error?.name}, ${kept} bytes of the others kept, all hashes right`,
    bytesLost: all(shards) - 12 * BYTES,
  })
})

import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFileLoader } from './load-files'
import { createBestEffortStore } from './store/best-effort-store'
import { storedFile, storedParts } from './store/read-stored'
import { keyOf } from './store/records'
import { createWeightStore } from './store/weight-store'
import { MemoryStore } from './testing/memory-store'
import { content, hash, openSite, type Site } from './testing/site'
import { fileKeys, plantModel } from './testing/visit'

let site: Site

beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

function load(values: MemoryStore, file: ReturnType<Site['put']>, chunkBytes: number) {
  plantModel(values, site.address)
  const fail = (message: string) => {
    throw new Error(`No warning was expected: ${message}`)
  }
  const bestEffort = createBestEffortStore(createWeightStore(values), fail, async () => false)
  const network = { progress: () => {}, stallMs: 10_000, retryMs: 0 }
  return createFileLoader(site.address, bestEffort, network, chunkBytes)(file)
}

it('a crash after any transaction leaves a file that is whole and right, or continues where it stopped', async () => {
  const scenario = fc.record({
    length: fc.integer({ min: 1, max: 5000 }),
    chunkBytes: fc.integer({ min: 1, max: 2000 }),
    /** Where connections break, in bytes of their answer. */
    cuts: fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 3 }),
    /** When the tab dies, in thousandths of all writes: in the first visit, and again in the second. */
    crashes: fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 1000 })),
    /** A bit that flips in the store in between. */
    damage: fc.option(fc.nat()),
  })
  let resumed = 0
  let whole = 0
  await fc.assert(
    fc.asyncProperty(scenario, async ({ length, chunkBytes, cuts, crashes, damage }) => {
      fc.pre(length / chunkBytes < 50)
      const bytes = content(length)
      const file = site.put('model.onnx', bytes)
      const ends = cuts.map((afterBytes) => site.server.fault('/model.onnx', { kind: 'cut', afterBytes }, 1))
      let values = new MemoryStore()
      for (const [visit, part] of crashes.entries()) {
        expect(hash(await load(values, file, chunkBytes))).toBe(file.sha256)
        values = new MemoryStore(values.log.slice(0, Math.round((part / 1000) * values.log.length)))
        if (visit === 0 && damage !== null) flip(values, damage)
      }
      for (const end of ends) end()

      const store = createWeightStore(values)
      const record = await storedFile(store, file.sha256)
      const parts = await storedParts(store, file, site.address)
      // Bytes that some chunk has, undamaged.
      const good = new Set<number>()
      for (const each of [...(record?.chunks ?? []), ...parts.flatMap(({ chunks }) => chunks)]) {
        const chunk = values.map.get(keyOf.chunk(file.sha256, each))
        if (!(chunk instanceof Uint8Array) || hash(chunk) !== each.sha256) continue
        for (let at = each.at; at < each.at + each.bytes; at++) good.add(at)
      }
      site.forget()
      expect(hash(await load(values, file, chunkBytes))).toBe(file.sha256)
      expect(site.sent('model.onnx')).toBe(length - good.size)
      if (record) whole++
      else if (parts.length > 0) resumed++
      // One file, and nothing that nobody names.
      const keys = (await storedFile(store, file.sha256))?.chunks.map((each) => keyOf.chunk(file.sha256, each)) ?? []
      expect(fileKeys(values).sort()).toEqual([keyOf.file(file.sha256), ...keys].sort())

      site.forget()
      expect(hash(await load(values, file, chunkBytes))).toBe(file.sha256)
      expect(site.server.requests).toEqual([])
    }),
    { numRuns: 150 },
  )
  // The cases that the test is about do occur.
  expect(resumed).toBeGreaterThan(20)
  expect(whole).toBeGreaterThan(5)
})

function flip(values: MemoryStore, at: number): void {
  const chunks = [...values.map.values()].filter((value) => value instanceof Uint8Array)
  const chunk = chunks[at % Math.max(1, chunks.length)]
  if (chunk) chunk[at % chunk.length] = (chunk[at % chunk.length] ?? 0) ^ 1
}

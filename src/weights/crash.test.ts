import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFileLoader } from './load-files'
import { createBestEffortStore } from './store/best-effort-store'
import { createWeightStore, storedBytes } from './store/weight-store'
import { MemoryStore } from './testing/memory-store'
import { content, hash, openSite, type Site } from './testing/site'

let site: Site

beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

function load(values: MemoryStore, file: ReturnType<Site['put']>, chunkBytes: number) {
  const fail = (message: string) => {
    throw new Error(`No warning was expected: ${message}`)
  }
  const bestEffort = createBestEffortStore(createWeightStore(values), fail, async () => false)
  const network = { progress: () => {}, stallMs: 10_000, retryMs: 0 }
  return createFileLoader(site.address, bestEffort, network, chunkBytes)(file)
}

it('a crash after any single write leaves a file that is whole and right, or continues where it stopped', async () => {
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

      const record = await createWeightStore(values).file(file.sha256)
      const damaged = record?.chunks.filter(({ at, sha256 }) => {
        const chunk = values.map.get(`chunk/${file.sha256}/${at}`)
        return !(chunk instanceof Uint8Array) || hash(chunk) !== sha256
      })
      const lost = damaged?.reduce((sum, chunk) => sum + chunk.bytes, 0) ?? 0
      site.forget()
      expect(hash(await load(values, file, chunkBytes))).toBe(file.sha256)
      expect(site.sent('model.onnx')).toBe(length - storedBytes(record) + lost)
      if (record?.complete) whole++
      else if (record) resumed++

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

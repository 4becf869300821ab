import { beforeEach, describe, expect, it } from 'vitest'
import { MemoryStore } from '../testing/memory-store'
import { hash } from '../testing/site'
import { readStored, storedBytes, storedFile, storedModel, storedModels, storedParts } from './read-stored'
import { keyOf, type PartRecord, type StoredVersion } from './records'
import { dropPart, replaceFile } from './replace'
import { createWeightStore } from './weight-store'

const address = 'https://models.example/a/model/manifest.json'
const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const file = { path: 'model.onnx', bytes: 8, sha256: hash(bytes) }
const version: StoredVersion = { id: 'tiny', version: '1', name: 'Tiny', files: [file], manifest: { format: 2 } }

let values: MemoryStore
let store: ReturnType<typeof createWeightStore>

beforeEach(async () => {
  values = new MemoryStore()
  store = createWeightStore(values)
  await store.addModel(address, version)
})

/** A part that holds the first so many bytes. */
function partOf(place: string, length: number, owner = address): PartRecord {
  const chunk = { at: 0, bytes: length, sha256: hash(bytes.slice(0, length)), place }
  return { format: 2, owner, place, bytes: 8, chunks: [chunk] }
}

const put = (part: PartRecord) =>
  store.putPart(file.sha256, part, { at: 0, bytes: bytes.slice(0, part.chunks[0]?.bytes) })

describe('a part', () => {
  it('is found by its own model alone, and counts for no other', async () => {
    await put(partOf('x', 4))
    expect(await storedParts(store, file, address)).toEqual([partOf('x', 4)])
    expect(await storedBytes(store, file, address)).toBe(4)
    expect(await storedParts(store, file, 'https://other.example/manifest.json')).toEqual([])
    expect(await storedParts(store, { ...file, bytes: 9 }, address)).toEqual([])
  })

  it('is written together with its chunk, and only while its model is there', async () => {
    await put(partOf('x', 4))
    expect(values.log.at(-1)?.map(([key]) => key)).toEqual([`chunks/${file.sha256}/x/0`, `parts/${file.sha256}/x`])
    values.map.delete(keyOf.model(address))
    const before = new Map(values.map)
    await expect(put(partOf('y', 4))).rejects.toThrow('deleted')
    await expect(store.addFile(file, partOf('x', 8))).rejects.toThrow('deleted')
    await expect(replaceFile(store, file, partOf('x', 8), undefined)).rejects.toThrow('deleted')
    expect(values.map).toEqual(before)
  })

  it('takes all its chunks with it, and none of the verified file', async () => {
    const whole = partOf('x', 8)
    await put(whole)
    expect(await store.addFile(file, whole)).toBe(true)
    // As a tab does that hung while another one took over.
    await put(whole)
    await dropPart(store, file.sha256, whole)
    expect([...values.map.keys()].sort()).toEqual(
      [keyOf.model(address), keyOf.file(file.sha256), `chunks/${file.sha256}/x/0`].sort(),
    )
  })
})

describe('a verified file', () => {
  it('is not replaced by a second one, whose chunks go', async () => {
    await put(partOf('x', 8))
    await store.addFile(file, partOf('x', 8))
    await put(partOf('y', 8))
    expect(await store.addFile(file, partOf('y', 8))).toBe(false)
    await replaceFile(store, file, partOf('y', 8), undefined)
    expect((await storedFile(store, file.sha256))?.chunks).toEqual(partOf('x', 8).chunks)
    expect([...values.map.keys()].filter((key) => key.includes('/y'))).toEqual([])
  })

  it('is replaced where damage was found in that very record', async () => {
    await put(partOf('x', 8))
    await store.addFile(file, partOf('x', 8))
    const known = await storedFile(store, file.sha256)
    await put(partOf('y', 8))
    await replaceFile(store, file, partOf('y', 8), known)
    expect((await storedFile(store, file.sha256))?.chunks).toEqual(partOf('y', 8).chunks)
    expect([...values.map.keys()].filter((key) => key.includes('/x'))).toEqual([])
  })
})

describe('what the release before stored (format 1)', () => {
  /** As 0.2.0 writes it. */
  function plantFormat1(chunks = [{ at: 0, bytes: 8, sha256: file.sha256 }], complete = true) {
    values.map.clear()
    values.plant({
      [`model/${address}`]: { versions: [version], usedAt: 7 },
      [`file/${file.sha256}`]: { bytes: 8, chunks, etag: '"1"', complete },
      [`chunk/${file.sha256}/0`]: bytes,
    })
  }
  const bestEffort = () => ({
    read: <T>(work: (given: typeof store) => Promise<T>) => work(store),
    write: async (work: (given: typeof store) => Promise<unknown>) => Boolean(await work(store)),
  })

  it('is found, read, and goes on as format 2 without a copy of its bytes', async () => {
    plantFormat1()
    expect(await store.hasModel(address)).toBe(true)
    expect(await store.hasFile(file.sha256)).toBe(true)
    expect(await storedModel(store, address)).toEqual({ versions: [version], usedAt: 7 })
    expect([...(await storedModels(store)).keys()]).toEqual([address])
    expect(await readStored(file, bestEffort() as never)).toEqual(bytes)
    expect(values.map.get(`files/${file.sha256}`)).toMatchObject({ format: 2, bytes: 8, complete: true })
    expect([...values.map.keys()].filter((key) => key.startsWith('chunk'))).toEqual([`chunk/${file.sha256}/0`])
    // Tabs of that release may still be open.
    expect(values.map.has(`file/${file.sha256}`)).toBe(true)
  })

  it('counts also where it is not whole', async () => {
    plantFormat1([{ at: 0, bytes: 4, sha256: hash(bytes.slice(0, 4)) }], false)
    expect(await storedBytes(store, file, address)).toBe(4)
    expect(await store.hasWhole(address, [file])).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../testing/memory-store'
import { createWeightStore, type FileRecord, type ModelRecord, storedBytes } from './weight-store'

const record: FileRecord = { bytes: 8, chunks: [{ at: 0, bytes: 4, sha256: 'one' }], complete: false }
const model: ModelRecord = {
  versions: [{ id: 'tiny', version: '1', name: 'Tiny', files: [], manifest: { format: 1 } }],
  usedAt: 7,
}

describe('createWeightStore', () => {
  it('returns what was put in, and knows nothing of other files', async () => {
    const store = createWeightStore(new MemoryStore())
    await store.putFile('abc', record, { at: 0, bytes: Uint8Array.of(1, 2, 3, 4) })
    expect(await store.file('abc')).toEqual(record)
    expect(await store.chunk('abc', 0)).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(await store.file('abcd')).toBeUndefined()
    expect(await store.chunk('abc', 4)).toBeUndefined()
    expect(await store.files()).toEqual(['abc'])
    expect(storedBytes(await store.file('abc'))).toBe(4)
  })

  it('writes a chunk before the record that names it, and takes a name away before its chunk', async () => {
    const values = new MemoryStore()
    const store = createWeightStore(values)
    await store.putFile('abc', record, { at: 0, bytes: Uint8Array.of(1) })
    await store.dropChunks('abc', { ...record, chunks: [] }, record.chunks)
    await store.putFile('abc', record, { at: 0, bytes: Uint8Array.of(1) })
    await store.dropFile('abc')
    const keys = values.log.map(([key, value]) => `${value === undefined ? '-' : '+'}${key}`)
    expect(keys).toEqual([
      ...['+chunk/abc/0', '+file/abc'],
      ...['+file/abc', '-chunk/abc/0'],
      ...['+chunk/abc/0', '+file/abc'],
      ...['-file/abc', '-chunk/abc/0'],
    ])
    expect(values.map.size).toBe(0)
  })

  it('frees chunks also where the record is lost, and of one file alone', async () => {
    const values = new MemoryStore()
    const store = createWeightStore(values)
    for (const name of ['abc', 'abcd']) await store.putFile(name, record, { at: 0, bytes: Uint8Array.of(1) })
    values.map.delete('file/abc')
    expect(await store.dropFile('abc')).toBe(0)
    expect(await store.dropFile('abcd')).toBe(4)
    expect(values.map.size).toBe(0)
  })

  it('finds models by their addresses, and takes no other value for one', async () => {
    const values = new MemoryStore()
    const store = createWeightStore(values)
    const address = 'https://models.example/a/model/manifest.json'
    await store.putModel(address, model)
    await values.set([
      ['model/broken', 'nonsense'],
      ['file/broken', { bytes: 3, chunks: 1 }],
    ])
    expect(await store.model(address)).toEqual(model)
    expect([...(await store.models())]).toEqual([[address, model]])
    expect(await store.file('broken')).toBeUndefined()
    await store.dropModel(address)
    expect(await store.model(address)).toBeUndefined()
  })
})

import { describe, expect, it, vi } from 'vitest'
import { droppedFiles, folderReader } from './folder'
import { formatSet, parseSet, type Study } from './format'
import { keyAction } from './keys'
import { fileHash, readSet } from './sets'
import { createVoteStore } from './votes'

const bytes = (text: string) => new TextEncoder().encode(text)
const pictures = [{ prompt: 'a cat', seed: '1', file: '001.png' }]
const json = formatSet({ format: 1, name: 'one', pictures })
const files = (entries: Record<string, string>) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, new File([text], path.split('/').at(-1) ?? '')]))

describe('a set from a folder', () => {
  it('is read beside its set.json, wherever that lies', async () => {
    const reader = folderReader(files({ 'sets/one/set.json': json, 'sets/one/001.png': 'picture', '001.png': 'no' }))
    const decode = vi.fn(async () => {})
    const set = await readSet(reader, decode)
    expect(set).toEqual({
      name: 'one',
      sha256: await fileHash(bytes(json)),
      pictures: [{ prompt: 'a cat', seed: '1', bytes: bytes('picture') }],
    })
    expect(decode).toHaveBeenCalledTimes(1)
  })

  it('refuses none, two, a missing file, a changed one and what is no picture, by name', async () => {
    const accept = async () => {}
    expect(() => folderReader(files({ 'one/001.png': '' }))).toThrow('no set.json')
    expect(() => folderReader(files({ 'one/set.json': '', 'two/set.json': '' }))).toThrow('more than one')
    await expect(readSet(folderReader(files({ 'set.json': json })), accept)).rejects.toThrow('001.png is missing')
    await expect(readSet(folderReader(files({ 'set.json': '<' })), accept)).rejects.toThrow('set.json is not JSON')
    const hashed = formatSet(
      parseSet({ format: 1, name: 'x', pictures: [{ ...pictures[0], sha256: await fileHash(bytes('a')) }] }),
    )
    const whole = folderReader(files({ 'set.json': hashed, '001.png': 'a' }))
    await expect(readSet(whole, accept)).resolves.toMatchObject({ name: 'x' })
    await expect(readSet(whole, () => Promise.reject(new Error('no')))).rejects.toThrow('pictures.0.file: 001.png')
    const changed = folderReader(files({ 'set.json': hashed, '001.png': 'b' }))
    await expect(readSet(changed, accept)).rejects.toThrow('pictures.0.sha256: 001.png has changed')
  })

  it('takes all of a dropped folder, also past the hundred that a call gives', async () => {
    const file = (name: string) => ({
      isFile: true,
      name,
      file: (resolve: (file: File) => void) => resolve(new File([name], name)),
    })
    const children = Array.from({ length: 230 }, (_, i) => file(`${i}.png`))
    const createReader = () => {
      const left = [...children]
      return { readEntries: (resolve: (batch: unknown[]) => void) => resolve(left.splice(0, 100)) }
    }
    const folder = { isFile: false, name: 'one', createReader }
    const items = [{ webkitGetAsEntry: () => folder }, { webkitGetAsEntry: () => null }]
    const found = await droppedFiles(items as unknown as DataTransferItem[])
    expect(found.size).toBe(230)
    expect([...found.keys()].at(-1)).toBe('one/229.png')
  })
})

describe('keys', () => {
  const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
    keyAction({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...held })

  it.each([
    ['1', 'left'],
    ['ArrowLeft', 'left'],
    ['2', 'equal'],
    ['ArrowDown', 'equal'],
    ['3', 'right'],
    ['ArrowRight', 'right'],
  ])('%s answers %s', (key, answer) => {
    expect(press(key)).toEqual({ kind: 'answer', answer })
  })

  it('leaves the browser its own, and counts a held key once', () => {
    expect(press('U')).toEqual({ kind: 'undo' })
    expect(press('s', { ctrlKey: true })).toBeUndefined()
    expect(press('ArrowLeft', { altKey: true })).toBeUndefined()
    expect(press('Enter', { repeat: true })).toBeUndefined()
    expect(press('x')).toBeUndefined()
  })
})

describe('votes where the browser keeps nothing', () => {
  it('last as long as the page, and that is said once', async () => {
    const refused = vi.fn()
    const store = createVoteStore(refused, () => () => Promise.reject(new DOMException('no', 'SecurityError')))
    const fresh = { format: 1, seed: '1', pairs: 1, votes: [], skipped: [] } as never
    expect(await store.study('x')).toBeUndefined()
    await store.change('x', (stored) => stored ?? fresh)
    const seen: unknown[] = []
    await store.change('x', (stored) => {
      seen.push(stored)
      return stored ?? fresh
    })
    expect(seen).toEqual([fresh])
    expect(await store.study('x')).toEqual(fresh)
    expect(await store.open('x', [] as never)).toBe(false)
    expect(store.kept).toBe(false)
    expect(refused).toHaveBeenCalledTimes(1)
    await store.remove('x')
    expect(await store.study('x')).toBeUndefined()
  })

  it('continue with what was stored when the browser refuses in the middle', async () => {
    const stored = new Map<unknown, unknown>()
    let full = false
    const request = (result: unknown) => {
      const made: { result: unknown; onsuccess?: () => void } = { result }
      setTimeout(() => made.onsuccess?.())
      return made
    }
    // As much of an object store as idb-keyval calls.
    const objects = {
      get: (key: string) => request(stored.get(key)),
      put: (value: unknown, key: string) => stored.set(key, value),
      get transaction() {
        return request(undefined)
      },
    }
    const refused = vi.fn()
    const store = createVoteStore(refused, () => async (_, callback) => {
      if (full) throw new DOMException('no room', 'QuotaExceededError')
      return callback(objects as unknown as IDBObjectStore)
    })
    const study = (pairs: number) => ({ format: 1, seed: '1', pairs, votes: [], skipped: [] }) as unknown as Study
    await store.change('x', () => study(1))
    expect(stored.get('study/x')).toEqual(study(1))
    expect(store.kept).toBe(true)
    full = true
    const written = await store.change('x', (before) => study((before?.pairs ?? 0) + 10))
    expect(written.pairs).toBe(11)
    expect(refused).toHaveBeenCalledTimes(1)
  })
})

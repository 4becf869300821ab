/** What must be true of the store whenever nothing is going on, told without the library's own code. */

export interface StoreSeen {
  /** Addresses of models, and the hashes that their records name. */
  readonly models: Readonly<Record<string, readonly string[]>>
  /** Hashes of verified files. */
  readonly files: readonly string[]
  /** What is wrong by itself: damaged bytes, chunks that nobody names, parts of models that are gone. */
  readonly faults: readonly string[]
}

/** In a page: reads the whole database. */
export async function seeStore(): Promise<StoreSeen> {
  const seen = { models: {} as Record<string, string[]>, files: [] as string[], faults: [] as string[] }
  if (!(await indexedDB.databases()).some(({ name }) => name === 'scalewise')) return seen
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('scalewise')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  if (!database.objectStoreNames.contains('weights')) {
    database.close()
    return seen
  }
  const table = database.transaction('weights').objectStore('weights')
  const all = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const [keys, values] = await Promise.all([all(table.getAllKeys()), all(table.getAll())])
  database.close()
  type Chunk = { at: number; bytes: number; sha256: string; place: string }
  type Stored = { bytes: number; owner: string; chunks: Chunk[]; versions: { files: { sha256: string }[] }[] }
  const entries = new Map(keys.map((key, i) => [String(key), values[i] as unknown]))
  const named = new Set<string>()
  const hash = async (bytes: Uint8Array<ArrayBuffer>) =>
    Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) =>
      b.toString(16).padStart(2, '0'),
    ).join('')
  for (const [key, value] of entries) {
    const [family, sha256 = ''] = key.split('/')
    const record = value as Stored
    if (family === 'models') {
      const hashes = record.versions.flatMap(({ files }) => files.map((file) => file.sha256))
      seen.models[key.slice('models/'.length)] = [...new Set(hashes)]
    }
    if (family !== 'files' && family !== 'parts') continue
    for (const chunk of record.chunks) named.add(`chunks/${sha256}/${chunk.place}/${chunk.at}`)
    if (family === 'parts' && !entries.has(`models/${record.owner}`)) seen.faults.push(`a part of nobody: ${key}`)
    if (family !== 'files') continue
    const bytes = new Uint8Array(record.bytes)
    for (const { at, place } of record.chunks) {
      const chunk = entries.get(`chunks/${sha256}/${place}/${at}`)
      if (chunk instanceof Uint8Array && at + chunk.length <= bytes.length) bytes.set(chunk, at)
    }
    if ((await hash(bytes)) === sha256) seen.files.push(sha256)
    else seen.faults.push(`verified bytes that are lost or altered: ${key}`)
  }
  for (const key of entries.keys()) {
    if (key.startsWith('chunks/') && !named.has(key)) seen.faults.push(`a chunk that nobody names: ${key}`)
    if (/^(chunk|file|model|aside)\//.test(key)) seen.faults.push(`a key that nothing here writes: ${key}`)
  }
  return seen
}

/**
 * Verified files that were there before, that a model named before and after, and that are gone. A model that was
 * `deleted` in between, or that came since, may have found them gone.
 */
export function lostFiles(before: StoreSeen, after: StoreSeen, deleted: ReadonlySet<string>): string[] {
  const stayed = Object.entries(after.models).filter(([address]) => !deleted.has(address))
  const named = new Set(
    stayed.flatMap(([address, now]) => now.filter((sha256) => before.models[address]?.includes(sha256))),
  )
  return before.files.filter((sha256) => named.has(sha256) && !after.files.includes(sha256))
}

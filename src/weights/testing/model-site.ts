import { readFileSync } from 'node:fs'
import { expect, vi } from 'vitest'
import type { EngineProgress } from '../../types'
import { openModel } from '../open-model'
import type { ExpectedFile } from '../store/verify'
import { createWeightStore, type WeightStore } from '../store/weight-store'
import { MemoryLocks } from './memory-locks'
import { MemoryStore } from './memory-store'
import { content, hash, openSite, type Site } from './site'

/** A manifest that parses; its files are replaced by ones of a few kilobytes. */
const example = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8'))
export const paths: string[] = example.files.map(({ path }: { path: string }) => path)
export const SMALL_CHUNK = 1000

export interface UploadedModel {
  readonly version: string
  readonly files: ExpectedFile[]
}

/** Uploads a model; the seed of each file says which of them differ between versions. Resolves to its manifest. */
export function upload(
  site: Site,
  version: string,
  seeds: readonly number[] = [1, 2, 3, 4, 5],
  folder = '',
): UploadedModel {
  const files = paths.map((path, i) => ({ ...site.put(`${folder}${path}`, content(3000 + i, seeds[i])), path }))
  const manifest = { ...example, version, name: `Model ${folder}`.trim(), files }
  site.put(`${folder}manifest.json`, Buffer.from(JSON.stringify(manifest)))
  return manifest
}

/** A browser with a database of its own and Web Locks, in front of a server. */
export async function openBrowser() {
  const site = await openSite()
  const values = new MemoryStore()
  const store = createWeightStore(values)
  vi.stubGlobal('navigator', { locks: new MemoryLocks() })
  return { site, values, store, tab: () => openTab(site, store) }
}

export type Browser = Awaited<ReturnType<typeof openBrowser>>

/** One tab of it, which hears what its engines say. */
export function openTab(site: Site, store: WeightStore) {
  const warnings: string[] = []
  const events: EngineProgress[] = []
  const progress = (event: EngineProgress) =>
    void (event.stage === 'warning' ? warnings.push(event.message) : events.push(event))
  const open = (folder = '', signal?: AbortSignal, query = '', stored?: string) =>
    openModel(`${site.server.url}/${folder}manifest.json${query}`, { progress }, signal, {
      ...{ store, chunkBytes: SMALL_CHUNK, retryMs: 1, stallMs: 500, stored },
    })
  /** As the worker does; all or some of the files. */
  async function use(only = paths, folder = '') {
    const model = await open(folder)
    try {
      const files = model.manifest.files.filter(({ path }) => only.includes(path))
      const loaded = await Promise.all(files.map((file) => model.load(file)))
      expect(loaded.map(hash)).toEqual(files.map(({ sha256 }) => sha256))
      return { version: model.manifest.version, stored: await model.finish() }
    } finally {
      model.close()
    }
  }
  return { warnings, events, open, use }
}

export type Tab = ReturnType<typeof openTab>

/** Keys of the verified files, of parts and of all chunks; what stands aside and the models' records left out. */
export function hashesIn(values: MemoryStore): Set<string> {
  return new Set(
    [...values.map.keys()].filter((key) => !key.startsWith('models/')).map((key) => key.split('/')[1] ?? ''),
  )
}

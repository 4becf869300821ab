import * as v from 'valibot'
import { EngineError, shown } from './errors'
import { crossCheck } from './manifest/cross-check'
import { namedFiles } from './manifest/graphs'
import { FORMAT, type Manifest, type ManifestFile, ManifestSchema } from './manifest/schema'
import { Refused } from './refused'
import type { ScaleSchedule } from './types'

export { dataFiles, filesOfGraph, type GraphEntry, namedFiles } from './manifest/graphs'
export type { Manifest, ManifestFile } from './manifest/schema'
export { withVariant } from './manifest/variants'

/** Of lists and objects within one another, also in fields that are not read. */
const MAX_DEPTH = 64

/** What an app may know of the model that it loaded. */
export interface ModelInfo {
  readonly id: string
  readonly version: string
  readonly name: string
  readonly description: string
  readonly licence: string
  /** Whose work it was made of. */
  readonly attribution: readonly {
    readonly name: string
    readonly by: string
    readonly licence: string
    readonly url?: string | undefined
  }[]
  /** One of `schedules`. */
  readonly defaultSchedule: string
  readonly styles: readonly { readonly id: string; readonly label: string; readonly template: string }[]
  /** Prompts to begin with. */
  readonly examples: readonly string[]
  readonly schedules: Readonly<Record<string, ScaleSchedule>>
  /** Tokens of a prompt that the model reads, special ones included; of several text encoders the most. */
  readonly maxTokens: number
  /** Latent sizes are multiples of this. */
  readonly patch: number
  /** Latent cells along a side at most. */
  readonly maxSize: number
  /** Picture pixels along one latent cell. */
  readonly pixelsPerCell: number
  /** Whether it has an encoder, so that a request can have an `image`. */
  readonly hasEncoder: boolean
  /** Sum of the model's files. */
  readonly downloadBytes: number
  /** Estimate of the most memory in use at once. */
  readonly memoryBytes: number
}

/**
 * Checks a manifest, once, where it enters.
 *
 * @throws Refused naming the wrong field; `manifestError` has the words for it.
 */
export function checkManifest(value: unknown): Manifest {
  checkDepth(value)
  checkFormat(value)
  const result = v.safeParse(ManifestSchema, value)
  if (!result.success) throw new Refused('form', 'the top level', result.issues)
  crossCheck(result.output)
  return result.output
}

/** Browsers clone by recursion: what goes on and on could be neither stored nor sent to another thread. */
function checkDepth(value: unknown): void {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new Refused('depth', 'the top level', MAX_DEPTH)
    // Of a text these are its letters: it is no level.
    level = level.flatMap((each) => (typeof each === 'string' ? [] : Object.values(Object(each))))
  }
}

/** Another format would only show as a wrong field somewhere. */
function checkFormat(value: unknown): void {
  const { format } = Object(value) as { readonly format?: unknown } // Also of null.
  if (typeof format !== 'number' || !Number.isInteger(format) || format === FORMAT) return
  throw new Refused('format', 'format', format, FORMAT)
}

/** The entry of `files` for a path that the manifest names. */
export function manifestFile(manifest: Manifest, path: string): ManifestFile {
  const file = manifest.files.find((candidate) => candidate.path === path)
  if (!file) throw new EngineError('InvalidManifest', `manifest.json, files: no entry with the path ${shown(path)}.`)
  return file
}

/** The entries of `files` that the engine loads. Others, such as a licence text, are neither fetched nor stored. */
export function usedFiles(manifest: Manifest): ManifestFile[] {
  const used = new Set(namedFiles(manifest).map(([, path]) => path))
  return manifest.files.filter(({ path }) => used.has(path))
}

/** Bytes of the most memory in use at once, an estimate. */
export function peakMemoryBytes({ memoryBytes }: Pick<Manifest, 'memoryBytes'>): number {
  return Math.max(memoryBytes.text, memoryBytes.draw)
}

export function modelInfo(manifest: Manifest): ModelInfo {
  const { id, version, name, description, licence, attribution, defaultSchedule, styles, examples } = manifest
  return {
    ...{ id, version, name, description, licence, attribution, defaultSchedule, styles, examples },
    schedules: manifest.schedules,
    maxTokens: Math.max(...manifest.textEncoders.map(({ tokenizer }) => tokenizer.maxTokens)),
    patch: manifest.denoiser.patch,
    maxSize: manifest.denoiser.maxSize,
    pixelsPerCell: manifest.decoder.pixelsPerCell,
    hasEncoder: !!manifest.encoder,
    downloadBytes: usedFiles(manifest).reduce((sum, file) => sum + file.bytes, 0),
    memoryBytes: peakMemoryBytes(manifest),
  }
}

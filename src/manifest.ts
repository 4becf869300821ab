import * as v from 'valibot'
import { EngineError } from './errors'
import { validateSchedule } from './schedule'
import type { ScaleSchedule } from './types'

/** Plain segments only: no '..', no scheme, no escapes that a URL parser would turn into one of them. */
const FilePath = v.pipe(
  v.string(),
  v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/, "a relative path without '..', spaces or escapes"),
)
const Name = v.pipe(v.string(), v.nonEmpty('some text'))
const Whole = v.pipe(v.number(), v.safeInteger('a whole number'), v.minValue(1, 'a number of at least 1'))
const Finite = v.pipe(v.number(), v.finite('a finite number'))
const NonZero = v.pipe(
  Finite,
  v.check((x) => x !== 0, 'a number other than 0'),
)
const Link = v.pipe(v.string(), v.regex(/^https?:\/\//, 'an http(s) URL'))

const File = v.object({
  path: FilePath,
  bytes: Whole,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')),
  /** How the numbers inside are stored; for people and tools, the engine does not read it. */
  dtype: v.optional(v.string()),
})

const TextEncoder = v.object({
  file: FilePath,
  ids: Name,
  mask: Name,
  output: Name,
  width: Whole,
  /** `wasm`: always on the CPU, where ten tokens cost less than compiling shaders. `any`: where the student runs. */
  backend: v.picklist(['wasm', 'any']),
})

const Step = v.object({
  size: v.union([Whole, v.tuple([Whole, Whole])]),
  sigma: Finite,
})

const ManifestSchema = v.object({
  format: v.literal(1),
  id: v.pipe(v.string(), v.regex(/^[\w-][\w.-]*$/, 'letters, digits, dots and dashes')),
  version: Name,
  name: Name,
  description: v.string(),
  licence: Name,
  attribution: v.array(v.object({ name: Name, by: Name, licence: Name, url: v.optional(Link) })),
  files: v.array(File),
  tokenizer: v.object({ file: FilePath, config: FilePath, maxTokens: v.pipe(Whole, v.maxValue(4096)) }),
  textEncoders: v.pipe(v.array(TextEncoder), v.length(1, 'exactly one text encoder (this version runs one)')),
  denoiser: v.object({
    file: FilePath,
    latent: Name,
    timestep: Name,
    text: Name,
    textMask: Name,
    output: Name,
    latentChannels: Whole,
    patch: Whole,
    timestepScale: NonZero,
  }),
  decoder: v.object({
    file: FilePath,
    input: Name,
    output: Name,
    scalingFactor: NonZero,
    shiftFactor: Finite,
    pixelsPerCell: Whole,
  }),
  picture: v.object({ channels: v.picklist([3, 4]) }),
  preview: v.object({
    matrix: v.pipe(v.array(v.array(Finite)), v.length(4, 'four rows: red, green, blue, alpha')),
    bias: v.pipe(v.array(Finite), v.length(4, 'four numbers: red, green, blue, alpha')),
  }),
  schedules: v.record(Name, v.tupleWithRest([Step], Step)),
  defaultSchedule: Name,
  styles: v.array(
    v.object({ id: Name, label: Name, template: v.pipe(v.string(), v.includes('{prompt}', "text with '{prompt}'")) }),
  ),
  requires: v.object({ features: v.array(Name), limits: v.record(Name, Finite) }),
  memoryBytes: Whole,
  examples: v.array(v.string()),
  /** How the model was made; for people, the engine does not read it. */
  training: v.optional(v.unknown()),
})

/** A model, as training/export.py describes it and as the engine trusts it after `parseManifest`. */
export type Manifest = v.InferOutput<typeof ManifestSchema>
export type ManifestFile = v.InferOutput<typeof File>

/** What an app may know of the model that it loaded. */
export interface ModelInfo
  extends Pick<
    Manifest,
    'id' | 'version' | 'name' | 'description' | 'licence' | 'attribution' | 'defaultSchedule' | 'styles' | 'examples'
  > {
  readonly schedules: Readonly<Record<string, ScaleSchedule>>
  /** Tokens of a prompt that the model reads, the two special ones included. */
  readonly maxTokens: number
  /** Latent sizes are multiples of this. */
  readonly patch: number
  /** Picture pixels along one latent cell. */
  readonly pixelsPerCell: number
  /** Sum of the model's files. */
  readonly downloadBytes: number
  /** Estimate of the memory in use while drawing. */
  readonly memoryBytes: number
}

/** Checks a manifest, once, where it enters. Throws `InvalidManifest` naming the wrong field. */
export function parseManifest(value: unknown): Manifest {
  const result = v.safeParse(ManifestSchema, value)
  if (!result.success) {
    const [issue, ...others] = result.issues
    const expected = issue.type === 'regex' || issue.kind === 'validation' ? issue.message : issue.expected
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    throw invalid(v.getDotPath(issue) ?? 'the top level', `expected ${expected}, found ${issue.received}${more}`)
  }
  crossCheck(result.output)
  return result.output
}

/** The entry of `files` for a path that the manifest names. */
export function manifestFile(manifest: Manifest, path: string): ManifestFile {
  const file = manifest.files.find((candidate) => candidate.path === path)
  if (!file) throw invalid('files', `no entry with the path '${path}'`)
  return file
}

export function modelInfo(manifest: Manifest): ModelInfo {
  const { id, version, name, description, licence, attribution, defaultSchedule, styles, examples } = manifest
  return {
    ...{ id, version, name, description, licence, attribution, defaultSchedule, styles, examples },
    schedules: manifest.schedules,
    maxTokens: manifest.tokenizer.maxTokens,
    patch: manifest.denoiser.patch,
    pixelsPerCell: manifest.decoder.pixelsPerCell,
    downloadBytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    memoryBytes: manifest.memoryBytes,
  }
}

/** What one field alone cannot show. */
function crossCheck(manifest: Manifest): void {
  unique(
    manifest.files.map((file) => file.path),
    'files',
    'path',
  )
  unique(
    manifest.styles.map((style) => style.id),
    'styles',
    'id',
  )
  const named: [field: string, path: string][] = [
    ['tokenizer.file', manifest.tokenizer.file],
    ['tokenizer.config', manifest.tokenizer.config],
    ['denoiser.file', manifest.denoiser.file],
    ['decoder.file', manifest.decoder.file],
    ...manifest.textEncoders.map((encoder, i): [string, string] => [`textEncoders.${i}.file`, encoder.file]),
  ]
  for (const [field, path] of named) {
    if (!manifest.files.some((file) => file.path === path)) throw invalid(field, `'${path}' is not among 'files'`)
  }
  if (!Object.hasOwn(manifest.schedules, manifest.defaultSchedule)) {
    throw invalid('defaultSchedule', `there is no schedule '${manifest.defaultSchedule}'`)
  }
  for (const [name, schedule] of Object.entries(manifest.schedules)) {
    try {
      validateSchedule(schedule, manifest.denoiser.patch)
    } catch (error) {
      throw invalid(`schedules.${name}`, error instanceof Error ? error.message : String(error))
    }
  }
  manifest.preview.matrix.forEach((row, i) => {
    const channels = manifest.denoiser.latentChannels
    if (row.length !== channels) throw invalid(`preview.matrix.${i}`, `expected ${channels} numbers, one a channel`)
  })
}

function unique(values: readonly string[], list: string, field: string): void {
  const twice = values.findIndex((value, i) => values.indexOf(value) !== i)
  if (twice >= 0) throw invalid(`${list}.${twice}.${field}`, `'${values[twice]}' appears twice`)
}

function invalid(field: string, problem: string): EngineError {
  return new EngineError(
    'InvalidManifest',
    `manifest.json, ${field}: ${problem}. Mend that field, or export the model again with training/export.py.`,
  )
}

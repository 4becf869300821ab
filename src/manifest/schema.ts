import * as v from 'valibot'

/**
 * The form of manifest.json, format 2: the contract between training (training/export/manifest.py) and the engine. Everything has
 * a bound that no model comes near, so that a manifest from anywhere is read in linear time. Fields unknown to this
 * version are ignored, except where graphs are described: there each one says how a picture comes about. What is expected
 * of a field is told by words that stand here or, where the kind of check says all, in manifest-problems.ts.
 */
export const FORMAT = 2

/** Cells a side: at 8 pixels a cell 8192 pixels, beyond any model and still addressable by the kernels. */
const MAX_SIZE = 1024
const MAX_TEXT = 256
const MAX_PROSE = 65_536

const short = v.maxLength<string, number>(MAX_TEXT)
/** Plain segments only: no '..', no scheme, no escapes that a URL parser would turn into one of them. */
const FilePath = v.pipe(
  v.string(),
  short,
  v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/, "a relative path without '..', spaces or escapes"),
)
const Name = v.pipe(
  v.string(),
  v.nonEmpty(),
  short,
  v.check((name) => name !== '__proto__', "no '__proto__'"),
)
const Prose = v.pipe(v.string(), v.maxLength(MAX_PROSE))
const Link = v.pipe(Prose, v.regex(/^https?:\/\//, 'an http(s) URL'))
const Whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const Finite = v.pipe(v.number(), v.finite())
const NonZero = v.pipe(
  Finite,
  v.check((x) => x !== 0, 'a number other than 0'),
)

function upTo(max: number) {
  return v.pipe(Whole, v.maxValue(max))
}

/** Counted before its items are looked at. */
function list<T extends v.GenericSchema>(item: T, max: number) {
  return v.pipe(v.array(v.unknown()), v.maxLength(max), v.array(item))
}

/** Names that valibot's records leave out without a word, because they could reach an object's prototype. */
const LEFT_OUT = ['__proto__', 'constructor', 'prototype']

/** Counted before its entries are looked at or copied. */
function table<T extends v.GenericSchema>(item: T, max: number) {
  const fits = (x: object) => Object.keys(x).length <= max && !LEFT_OUT.some((name) => Object.hasOwn(x, name))
  const counted = v.check((x) => fits(Object(x)), `at most ${max} entries, none of them ${LEFT_OUT}`)
  return v.pipe(v.unknown(), counted, v.record(Name, item))
}

const Figures = table(Finite, 256)

const File = v.object({
  path: FilePath,
  bytes: Whole,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')),
  /** How the numbers inside are stored; for people and tools, the engine does not read it. */
  dtype: v.optional(Name),
})

/** An ONNX graph; floats go in and come out as float32. */
const graph = {
  file: FilePath,
  /** Files that hold its weights, by the names that the graph itself gives them (ONNX external data). */
  data: v.optional(list(FilePath, 256), []),
  /** What ONNX Runtime does to the graph before it runs; by default what pays on the backend. */
  graphOptimizationLevel: v.optional(v.picklist(['disabled', 'basic', 'extended', 'all'])),
  /** The same graph with ONNX Runtime's own attention, for devices that compute that right. */
  fused: v.optional(
    v.strictObject({
      file: FilePath,
      /** A graph that computes attention both ways: input `one`, (1) of 1; output `difference`, (1), relative L2. */
      check: FilePath,
      /** The most that they may differ. */
      limit: v.pipe(Finite, v.minValue(0)),
    }),
  ),
}

const Tokenizer = v.strictObject({
  /** tokenizer.json and tokenizer_config.json, as every Hugging Face model has them. */
  file: FilePath,
  config: FilePath,
  /** Tokens of a prompt that the encoder reads, the special ones included. */
  maxTokens: upTo(4096),
  /** Id that fills every prompt up to `maxTokens`. Absent: little padding, with the tokenizer's own pad token. */
  pad: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** What an instructed encoder reads before the prompt. At its end, so that cutting a prompt leaves it whole. */
  template: v.optional(v.pipe(Prose, v.regex(/^[^{]*\{prompt\}$/, "text that ends on '{prompt}'"))),
})

const TextEncoder = v.strictObject({
  ...graph,
  tokenizer: Tokenizer,
  /** Inputs, int64 of (1, tokens): token ids, and 1 for a token, 0 for padding. */
  ids: Name,
  mask: v.optional(Name),
  /** The graph's output → the denoiser's input. Joining encoders, pooling and zero padding are the graphs' affair. */
  outputs: v.pipe(table(Name, 16), v.minEntries(1, 'at least one output')),
  /** The denoiser's input that takes the mask itself, float32 of (1, tokens). */
  maskAs: v.optional(Name),
  /** `wasm`: always on the CPU, where ten tokens cost less than compiling shaders. `any`: where the student runs. */
  backend: v.picklist(['wasm', 'any']),
})

/**
 * It answers v with x0 = y − sigma·v for a noisy latent y, float32 in and out; whatever a model natively predicts (noise,
 * x0, another path's velocity), its exporter adapts inside the graph.
 */
const Denoiser = v.strictObject({
  ...graph,
  /** y, (batch, channels, height, width). */
  latent: Name,
  /** (batch), each `timestepScale` times sigma. */
  timestep: Name,
  /** Inputs that text encoders fill, each exactly one; (batch, …). */
  conditioning: list(Name, 32),
  /** v, of the latent's shape. */
  output: Name,
  latentChannels: upTo(1024),
  /** Latent sizes are multiples of this. */
  patch: upTo(MAX_SIZE),
  /** Latent cells along a side at most, where the graph has positions for no more. */
  maxSize: v.optional(upTo(MAX_SIZE), MAX_SIZE),
  timestepScale: NonZero,
})

/** Clean latent (batch, channels, height, width) → planar pixels in [0, 1]; a VAE's factors live inside the graph. */
const Decoder = v.strictObject({ ...graph, input: Name, output: Name, pixelsPerCell: upTo(1024) })

/** Pixels as the decoder draws them → clean latent. */
const PictureEncoder = v.strictObject({ ...graph, input: Name, output: Name })

const TextEncoders = v.pipe(list(TextEncoder, 8), v.minLength(1, 'at least one text encoder'))

const Step = v.object({
  size: v.union([Whole, v.strictTuple([Whole, Whole])]),
  sigma: Finite,
})
const Schedule = v.pipe(v.array(v.unknown()), v.maxLength(1000), v.tupleWithRest([Step], Step))

const Requires = v.object({
  /** WebGPU features that ONNX Runtime's shaders can make use of; of a variant also `wasm`: the processor draws. */
  features: list(v.picklist(['shader-f16', 'subgroups', 'wasm']), 16),
  /** WebGPU limits by name. */
  limits: table(Finite, 64),
})

export const ManifestSchema = v.object({
  format: v.literal(FORMAT),
  id: v.pipe(v.string(), short, v.regex(/^[\w-][\w.-]*$/, 'letters, digits, dots and dashes')),
  version: Name,
  name: Name,
  description: Prose,
  licence: Name,
  attribution: list(v.object({ name: Name, by: Name, licence: Name, url: v.optional(Link) }), 256),
  /** Terms that a person has to accept before weights are loaded. */
  notice: v.optional(v.strictObject({ title: Name, text: Prose, url: Link, accept: v.literal(true) })),
  files: list(File, 1024),
  textEncoders: TextEncoders,
  denoiser: Denoiser,
  decoder: Decoder,
  /** Absent: pictures cannot be drawn from. */
  encoder: v.optional(PictureEncoder),
  /** The first whose needs a device meets replaces these graphs; the same weight files, other graphs. */
  variants: v.optional(
    list(
      v.strictObject({
        requires: Requires,
        textEncoders: v.optional(TextEncoders),
        denoiser: v.optional(Denoiser),
        decoder: v.optional(Decoder),
      }),
      16,
    ),
    [],
  ),
  /** `in turn`: text encoders are loaded, run and released before the denoiser is loaded. */
  residency: v.optional(v.picklist(['together', 'in turn']), 'together'),
  picture: v.object({ channels: v.picklist([3, 4]) }),
  preview: v.object({
    matrix: v.pipe(list(list(Finite, 1024), 4), v.length(4, 'four rows: red, green, blue, alpha')),
    bias: v.pipe(list(Finite, 4), v.length(4, 'four numbers: red, green, blue, alpha')),
  }),
  schedules: table(Schedule, 256),
  defaultSchedule: Name,
  /** What an evaluation found of schedules, by their names; higher is better. */
  quality: v.optional(Figures, {}),
  /** By size in cells: the sigma above which noise hides all that a full-size latent has and one of that size has not. */
  spectrum: v.optional(Figures, {}),
  styles: list(
    v.object({
      id: Name,
      label: Name,
      template: v.pipe(Prose, v.regex(/^[^{]*\{prompt\}[^{]*$/, "text with one '{prompt}'")),
    }),
    256,
  ),
  requires: Requires,
  /** Estimates of the memory in use while the prompt is read and while the picture is drawn. */
  memoryBytes: v.object({ text: Whole, draw: Whole }),
  examples: list(Prose, 1024),
  /** How the model was made; for people, the engine does not read it. */
  training: v.optional(v.unknown()),
})

/** A model, as training/export/manifest.py describes it and as the engine trusts it after `parseManifest`. */
export type Manifest = v.InferOutput<typeof ManifestSchema>
export type ManifestFile = v.InferOutput<typeof File>

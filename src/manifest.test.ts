import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from './errors'
import { modelInfo, usedFiles, withVariant } from './manifest'
import { parseManifest } from './manifest/parse'

const text = readFileSync(new URL('../models/tiny/manifest.json', import.meta.url), 'utf8')

type Json = Record<string, unknown>

/** The committed manifest with one value replaced; `undefined` removes it. */
function changed(path: string, value: unknown): Json {
  const root = JSON.parse(text) as Json
  const keys = path.split('.')
  const last = keys.pop() as string
  const parent = keys.reduce((at, key) => at[key] as Json, root)
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return root
}

function refusal(value: unknown): EngineError {
  try {
    parseManifest(value)
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError)
    expect((error as EngineError).name).toBe('InvalidManifest')
    return error as EngineError
  }
  throw new Error('The manifest was accepted.')
}

describe('parseManifest', () => {
  it('refuses values within one another without end, wherever, and takes some', () => {
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`)
    for (const field of ['training', 'not known']) {
      expect(refusal(changed(field, nested(100_000))).message).toContain('more than 64 levels')
      expect(parseManifest(changed(field, nested(50))).id).toBe('tiny')
    }
  })

  it('accepts what training exports', () => {
    const manifest = parseManifest(JSON.parse(text))
    expect(manifest.denoiser.latentChannels).toBe(8)
    expect(modelInfo(manifest)).toMatchObject({ id: 'tiny', maxTokens: 24, patch: 2, maxSize: 1024, pixelsPerCell: 8 })
    expect(modelInfo(manifest).downloadBytes).toBe(manifest.files.reduce((sum, { bytes }) => sum + bytes, 0))
  })

  it.each([
    ['format', '2'],
    ['format', 2.5],
    ['format', undefined],
    ['id', '../emoji'],
    ['licence', ''],
    ['attribution', [{ name: 'a', by: 'b', licence: 'MIT', url: 'javascript:alert(1)' }]],
    ['files.0.path', '../secret.onnx'],
    ['files.0.path', '/etc/passwd'],
    ['files.0.path', 'https://elsewhere.example/model.onnx'],
    ['files.0.path', '%2e%2e/secret.onnx'],
    ['files.0.sha256', 'abc'],
    ['files.0.bytes', 1.5],
    ['files.0.bytes', '123'],
    ['textEncoders', []],
    ['textEncoders.0.outputs', {}],
    ['textEncoders.0.tokenizer', undefined],
    ['textEncoders.0.tokenizer.maxTokens', 0],
    ['textEncoders.0.tokenizer.file', 'missing.json'],
    ['textEncoders.0.tokenizer.config', 'missing.json'],
    ['textEncoders.0.tokenizer.pad', -1],
    ['textEncoders.0.tokenizer.template', '{prompt} is what to draw'],
    ['textEncoders.0.tokenizer.template', '{prompt} as {prompt}'],
    ['textEncoders.0.mask', 'input_ids'],
    // Names that would be lost on the way, with what they name.
    ['textEncoders.0.maskAs', '__proto__'],
    ['textEncoders.0.outputs', JSON.parse('{"states":"text","__proto__":"text_mask"}')],
    ['requires.limits', { constructor: 7 }],
    ['schedules.default.0.size', [8, 8, 8]],
    ['textEncoders.0.file', 'missing.onnx'],
    ['denoiser.file', 'missing.onnx'],
    ['denoiser.patch', 0],
    ['denoiser.timestepScale', 0],
    // They would change every picture: not ignored, as unknown fields elsewhere are.
    ['decoder.scalingFactor', 0.18215],
    ['denoiser.predictionType', 'epsilon'],
    ['decoder.output', undefined],
    ['picture.channels', 2],
    ['preview.bias', [0, 0, 0]],
    ['defaultSchedule', 'missing'],
    ['defaultSchedule', 'constructor'],
    ['styles', [{ id: 'a', label: 'A', template: 'without the word' }]],
    // A few of these make gigabytes of a prompt.
    ['styles', [{ id: 'a', label: 'A', template: '{prompt} {prompt}' }]],
    ['memoryBytes', null],
    ['memoryBytes', 1e9],
    ['requires.features', ['shader-f99']],
  ])('refuses %s = %j and names the field', (path, value) => {
    const error = refusal(changed(path, value))
    expect(error.message).toContain(`manifest.json, ${path}`)
    expect(error.message).toContain('export the model again')
  })

  it.each([
    ['name', '', 'some text, found 0'],
    ['name', 'x'.repeat(257), 'at most 256 characters, found 257'],
    ['examples', Array(1025).fill('a'), 'at most 1024 entries, found 1025'],
    ['denoiser.maxSize', 0, 'a number of at least 1, found 0'],
    ['denoiser.maxSize', 1025, 'at most 1024, found 1025'],
    ['denoiser.patch', 0, 'a number of at least 1, found 0'],
    ['denoiser.patch', 1025, 'at most 1024, found 1025'],
    ['denoiser.patch', 1.5, 'a whole number, found 1.5'],
    ['denoiser.timestepScale', Number.POSITIVE_INFINITY, 'a finite number, found Infinity'],
    ['denoiser.patch', '2', 'number, found "2"'],
    ['denoiser.timestepScale', 0, 'a number other than 0, found 0'],
    ['preview.bias', [0, 0, 0], 'four numbers: red, green, blue, alpha, found 3'],
  ])('says of %s = %j what is expected', (path, value, words) => {
    expect(refusal(changed(path, value)).message).toContain(`manifest.json, ${path}: expected ${words}. Correct that`)
  })

  it('refuses what only shows across fields', () => {
    expect(refusal(changed('preview.matrix.2', [1, 2, 3])).message).toContain('preview.matrix.2')
    expect(refusal(changed('schedules.default.1.sigma', 1)).message).toContain('schedules.default')
    expect(refusal(changed('schedules.default.0.size', 7)).message).toContain('schedules.default')
    const files = JSON.parse(text).files
    expect(refusal(changed('files', [...files, files[0]])).message).toContain('appears twice')
  })

  it.each([
    ['an earlier', 1, 'Export the model again with `python -m training.export`'],
    ['a later', 3, 'Update scalewise'],
  ])('says what to do with %s format', (_, format, remedy) => {
    const { message } = refusal(changed('format', format))
    expect(message).toContain(`this manifest has format ${format}, and this version reads 2`)
    expect(message).toContain(remedy)
  })

  it.each<[field: string, value: unknown]>([
    ['textEncoders.0.data.0', ['text-encoder.onnx.data']],
    ['denoiser.data.1', ['decoder.onnx', 'denoiser-00001.bin']],
    ['denoiser.fused.check', { file: 'decoder.onnx', check: 'check.onnx', limit: 1e-3 }],
  ])('wants %s among the files', (field, value) => {
    const { message } = refusal(changed(field.replace(/\.(\d|check)$/, ''), value))
    expect(message).toMatch(new RegExp(`^manifest.json, ${field}: '[\\w.-]+' is not among 'files'`))
  })

  it('tells the largest size that a model has positions for, and wants schedules within it', () => {
    expect(modelInfo(parseManifest(changed('denoiser.maxSize', 32))).maxSize).toBe(32)
    expect(refusal(changed('denoiser.maxSize', 14)).message).toMatch(
      /^manifest.json, schedules\.\w+: Step \d has size 16\. Give a multiple of 2 from 2 to 14 latent cells\. /,
    )
  })

  it('chooses the graphs of the first variant whose needs are met, and checks those of all', () => {
    const { textEncoders, denoiser } = JSON.parse(text)
    const unsaid = { data: [], maxSize: 1024 }
    const half = { ...denoiser, file: 'decoder.onnx' }
    const quarter = { ...denoiser, file: 'text-encoder.onnx' }
    const variants = [
      { requires: { features: ['shader-f16'], limits: { maxBufferSize: 100 } }, denoiser: half },
      { requires: { features: ['shader-f16'], limits: {} }, denoiser: quarter },
    ]
    const manifest = parseManifest(changed('variants', variants))
    const gpu = (maxBufferSize: number, ...features: string[]) => ({
      features: new Set(features),
      limits: { maxBufferSize },
    })
    expect(withVariant(manifest, gpu(100, 'shader-f16')).denoiser).toEqual({ ...half, ...unsaid })
    expect(withVariant(manifest, gpu(99, 'shader-f16')).denoiser).toEqual({ ...quarter, ...unsaid })
    expect(withVariant(manifest, gpu(100)).denoiser).toEqual({ ...denoiser, ...unsaid })
    expect(withVariant(manifest)).toEqual({ ...manifest, variants: [] })
    const chosen = withVariant(manifest, gpu(100, 'shader-f16'))
    expect(chosen.requires).toEqual({ features: ['shader-f16'], limits: { maxBufferSize: 100 } })
    expect(chosen.textEncoders).toEqual(manifest.textEncoders)
    expect(usedFiles(chosen).map(({ path }) => path)).not.toContain(denoiser.file)
    expect(usedFiles(withVariant(manifest)).map(({ path }) => path)).toContain(denoiser.file)

    const wrong = [
      variants[0],
      { ...variants[1], textEncoders: [{ ...textEncoders[0], outputs: { states: 'words' } }] },
    ]
    expect(refusal(changed('variants', wrong)).message).toContain("variants.1.textEncoders.0.outputs.states: 'words'")
    const lost = [{ ...variants[0], denoiser: { ...half, file: 'lost.onnx' } }]
    expect(refusal(changed('variants', lost)).message).toContain("variants.0.denoiser.file: 'lost.onnx' is not among")
  })

  it('wants every conditioning of the denoiser filled exactly once', () => {
    const encoder = JSON.parse(text).textEncoders[0]
    const other = { ...encoder, outputs: { states: 'other' }, maskAs: undefined }
    const wrong: [path: string, value: unknown, field: string, words: string][] = [
      ['denoiser.conditioning', ['text'], 'textEncoders.0.maskAs', "'text_mask' is not among"],
      ['denoiser.conditioning', ['text', 'text_mask', 'pooled'], 'denoiser.conditioning.2', "fill 'pooled'"],
      ['denoiser.conditioning', ['text', 'text_mask', 'text'], 'denoiser.conditioning.2', 'twice'],
      ['denoiser.conditioning', ['text', 'text_mask', 'latent'], 'denoiser.conditioning.2', 'twice'],
      ['denoiser.timestep', 'latent', 'denoiser.timestep', 'twice'],
      ['textEncoders.0.maskAs', 'text', 'textEncoders.0.maskAs', 'textEncoders.0.outputs.states already'],
      ['textEncoders.0.maskAs', undefined, 'denoiser.conditioning.1', "fill 'text_mask'"],
      ['textEncoders', [encoder, encoder], 'textEncoders.1.outputs.states', 'textEncoders.0.outputs.states already'],
      ['textEncoders', [encoder, other], 'textEncoders.1.outputs.states', "'other' is not among"],
    ]
    for (const [path, value, field, words] of wrong) {
      const { message } = refusal(changed(path, value))
      expect(message).toContain(`manifest.json, ${field}: `)
      expect(message).toContain(words)
    }
  })

  it('accepts several text encoders, a picture encoder and fields that it does not know', () => {
    const manifest = JSON.parse(text)
    const [encoder] = manifest.textEncoders
    const second = { ...encoder, mask: undefined, maskAs: undefined, outputs: { states: 'text_2', pooled: 'pooled' } }
    second.tokenizer = { ...encoder.tokenizer, maxTokens: 77, pad: 0, template: 'Draw: {prompt}' }
    const parsed = parseManifest({
      ...manifest,
      textEncoders: [encoder, second],
      denoiser: { ...manifest.denoiser, conditioning: ['pooled', 'text', 'text_mask', 'text_2'] },
      encoder: { file: 'decoder.onnx', input: 'picture', output: 'latent' },
      memoryBytes: { text: 5, draw: 3 },
      palette: 'of a later version',
    })
    expect(parsed.textEncoders[1]).toMatchObject({ data: [], tokenizer: { pad: 0 } })
    expect(parsed.encoder).toEqual({ file: 'decoder.onnx', data: [], input: 'picture', output: 'latent' })
    expect(parsed).not.toHaveProperty('palette')
    expect(modelInfo(parsed)).toMatchObject({ maxTokens: 77, memoryBytes: 5 })
    const data = [manifest.files[0].path, 'missing.bin']
    expect(refusal(changed('decoder.data', data)).message).toContain(
      "manifest.json, decoder.data.1: 'missing.bin' is not among 'files'",
    )
    const missing = { ...manifest, encoder: { ...parsed.encoder, file: 'missing.onnx' } }
    expect(refusal(missing).message).toContain('manifest.json, encoder.file')
  })

  it('bounds everything, and its messages, whatever the size of a manifest', () => {
    const million = 1_000_000
    const steps = Array.from({ length: 100_000 }, (_, i) => ({ size: 8, sigma: 1 / (i + 1) }))
    const paths = JSON.parse(text).files
    const huge: [path: string, value: unknown][] = [
      ['id', 'x'.repeat(million)],
      ['files.0.path', `${'a/'.repeat(million)}!`],
      ['files', Array.from({ length: 100_000 }, (_, i) => ({ ...paths[0], path: `file-${i}` }))],
      ['examples', Array(million).fill(7)],
      ['attribution', Array(million).fill(null)],
      ['schedules', Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`s${i}`, [{ size: 8, sigma: 1 }]]))],
      ['schedules.default', steps],
      ['preview.matrix.0', Array(million).fill(0)],
      ['textEncoders.0.outputs', Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`o${i}`, 'text']))],
      ['denoiser.conditioning', Array(million).fill('text')],
      ['denoiser', { ...JSON.parse(text).denoiser, ['x'.repeat(million)]: 1 }],
      ['description', 'x'.repeat(million)],
      ['styles.0.template', 'x'.repeat(million)],
    ]
    for (const [path, value] of huge) {
      const started = performance.now()
      const { message } = refusal(changed(path, value))
      expect(performance.now() - started, path).toBeLessThan(5000)
      expect(message.length, path).toBeLessThan(1202)
      expect(message).toContain(`manifest.json, ${path}`)
    }
  })

  it.each([undefined, null, 'text', 7, [], {}])('refuses %j', (value) => {
    refusal(value)
  })

  it('never fails with anything but InvalidManifest', () => {
    const paths = leafPaths(JSON.parse(text))
    let refused = 0
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.option(fc.jsonValue(), { nil: undefined }), (path, value) => {
        try {
          parseManifest(changed(path, value))
        } catch (error) {
          refused++
          expect(error).toBeInstanceOf(EngineError)
          expect((error as EngineError).name).toBe('InvalidManifest')
        }
      }),
      { numRuns: 600 },
    )
    expect(refused).toBeGreaterThan(100)
  })
})

/** Every path in a JSON value, of objects and arrays as well as of what they hold. */
function leafPaths(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => [prefix + key, ...leafPaths(child, `${prefix}${key}.`)])
}

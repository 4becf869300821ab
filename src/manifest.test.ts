import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from './errors'
import { modelInfo, parseManifest } from './manifest'

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
  it('accepts what training exports', () => {
    const manifest = parseManifest(JSON.parse(text))
    expect(manifest.denoiser.latentChannels).toBe(8)
    expect(modelInfo(manifest)).toMatchObject({ id: 'tiny', maxTokens: 24, patch: 2, pixelsPerCell: 8 })
    expect(modelInfo(manifest).downloadBytes).toBe(manifest.files.reduce((sum, { bytes }) => sum + bytes, 0))
  })

  it.each([
    ['format', 2],
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
    ['tokenizer.maxTokens', 0],
    ['tokenizer.file', 'missing.json'],
    ['textEncoders', []],
    ['denoiser.file', 'missing.onnx'],
    ['denoiser.patch', 0],
    ['denoiser.timestepScale', 0],
    ['decoder.scalingFactor', 0],
    ['decoder.output', undefined],
    ['picture.channels', 2],
    ['preview.bias', [0, 0, 0]],
    ['defaultSchedule', 'missing'],
    ['defaultSchedule', 'constructor'],
    ['styles', [{ id: 'a', label: 'A', template: 'without the word' }]],
    ['memoryBytes', null],
  ])('refuses %s = %j and names the field', (path, value) => {
    const error = refusal(changed(path, value))
    expect(error.message).toContain(`manifest.json, ${path}`)
    expect(error.message).toContain('export the model again')
  })

  it('refuses what only shows across fields', () => {
    expect(refusal(changed('preview.matrix.2', [1, 2, 3])).message).toContain('preview.matrix.2')
    expect(refusal(changed('schedules.default.1.sigma', 1)).message).toContain('schedules.default')
    expect(refusal(changed('schedules.default.0.size', 7)).message).toContain('schedules.default')
    const files = JSON.parse(text).files
    expect(refusal(changed('files', [...files, files[0]])).message).toContain('appears twice')
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

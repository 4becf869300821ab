import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CopyError, copyModel } from './copy-model'

let app: string
let model: string

beforeEach(() => {
  app = mkdtempSync(join(tmpdir(), 'scalewise-copy-'))
  const installed = join(app, 'node_modules/scalewise-tiny')
  model = join(installed, 'model')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(installed, 'package.json'), '{ "name": "scalewise-tiny", "version": "1.0.0" }')
  cpSync('models/tiny', model, { recursive: true })
})

afterEach(() => rmSync(app, { recursive: true }))

const copy = () => copyModel('tiny', join(app, 'public/models'), app)

it('copies every file of the package; what an older version left there is gone, and what is of others stays', () => {
  const { target } = copy()
  expect(target).toBe(join(app, 'public/models/tiny'))
  const manifest = JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8'))
  const older = [...manifest.files, { path: 'parts/old.onnx', bytes: 3, sha256: '0'.repeat(64) }]
  writeFileSync(join(target, 'manifest.json'), JSON.stringify({ ...manifest, files: older }))
  mkdirSync(join(target, 'parts'))
  mkdirSync(join(target, 'notes'))
  writeFileSync(join(target, 'parts/old.onnx'), 'old')
  writeFileSync(join(target, 'notes/thesis.txt'), 'years of work')
  const { bytes } = copy()
  expect(readdirSync(target).sort()).toEqual([...readdirSync('models/tiny'), 'notes'].sort())
  expect(readFileSync(join(target, 'notes/thesis.txt'), 'utf8')).toBe('years of work')
  const { files } = JSON.parse(readFileSync('models/tiny/manifest.json', 'utf8')) as { files: { bytes: number }[] }
  expect(bytes).toBe(files.reduce((sum, file) => sum + file.bytes, 0))
  expect(readdirSync(join(app, 'public/models'))).toEqual(['tiny'])
})

it('a damaged package is told, and the copy from before stays', () => {
  copy()
  const path = join(model, 'denoiser.onnx')
  const damaged = readFileSync(path)
  damaged[100] = (damaged[100] as number) ^ 1
  writeFileSync(path, damaged)
  expect(copy).toThrow(/denoiser\.onnx is damaged in the package scalewise-tiny. Install it again/)
  expect(readFileSync(join(app, 'public/models/tiny/denoiser.onnx'))).toEqual(readFileSync('models/tiny/denoiser.onnx'))
  expect(readdirSync(join(app, 'public/models'))).toEqual(['tiny'])
})

it('never replaces a folder that is no model', () => {
  mkdirSync(join(app, 'public/models/tiny'), { recursive: true })
  writeFileSync(join(app, 'public/models/tiny/thesis.txt'), 'years of work')
  expect(copy).toThrow(/holds no model/)
  expect(readFileSync(join(app, 'public/models/tiny/thesis.txt'), 'utf8')).toBe('years of work')
})

it('never replaces a web app, whose manifest.json is of another kind', () => {
  const at = join(app, 'public/models/tiny')
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'manifest.json'), '{ "name": "An app", "start_url": "./" }')
  writeFileSync(join(at, 'index.html'), 'years of work')
  expect(copy).toThrow(/holds no model/)
  expect(readdirSync(at).sort()).toEqual(['index.html', 'manifest.json'])
})

it.each([
  '{',
  '{}',
  '{ "format": 2 }',
  '{ "format": 2, "files": [null] }',
  // Read, it would never end.
  '{ "format": 2, "files": [{ "path": "../../../../../../../../dev/zero", "sha256": "0" }] }',
])('a package whose manifest is %s is told as damaged', (manifest) => {
  writeFileSync(join(model, 'manifest.json'), manifest)
  expect(copy).toThrow(new CopyError('manifest.json is damaged in the package scalewise-tiny. Install it again.'))
  expect(readdirSync(join(app, 'public/models'))).toEqual([])
})

it('what the disk refuses is told with the remedy', () => {
  writeFileSync(join(app, 'public'), 'a file in the way')
  expect(copy).toThrow(/tiny cannot be written: a part of the path is a file. Correct the path/)
  expect(() => copyModel('tiny', join(app, 'x'.repeat(300)), app)).toThrow(/the name is too long/)
})

it('a package that is not installed and a wrong name are told with the remedy', () => {
  expect(() => copyModel('other', app, app)).toThrow(
    new CopyError('The package scalewise-other is not installed here. Run: npm install scalewise-other'),
  )
  expect(() => copyModel('../x', app, app)).toThrow(/no model's name/)
})

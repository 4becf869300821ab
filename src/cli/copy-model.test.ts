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

it('copies every file of the package, and what an older version left there is gone', () => {
  copy()
  writeFileSync(join(app, 'public/models/tiny/old.onnx'), 'old')
  const { target, bytes } = copy()
  expect(target).toBe(join(app, 'public/models/tiny'))
  expect(readdirSync(target).sort()).toEqual(readdirSync('models/tiny').sort())
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

it('a package that is not installed and a wrong name are told with the remedy', () => {
  expect(() => copyModel('other', app, app)).toThrow(
    new CopyError('The package scalewise-other is not installed here. Run: npm install scalewise-other'),
  )
  expect(() => copyModel('../x', app, app)).toThrow(/no model's name/)
})

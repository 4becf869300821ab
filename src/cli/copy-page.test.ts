import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyPage } from './copy-page'

let root: string
let page: string
const build = ['licences.txt', 'part-1a2b3c.js', 'scalewise.js', 'worker.js']

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scalewise-page-'))
  page = join(root, 'page')
  mkdirSync(page)
  for (const name of build) writeFileSync(join(page, name), name)
})

afterEach(() => rmSync(root, { recursive: true }))

it('copies the build, and leaves nothing of an older copy', () => {
  const target = join(root, 'public/scalewise')
  expect(copyPage(target, page)).toBe(target)
  rmSync(join(page, 'part-1a2b3c.js'))
  writeFileSync(join(page, 'part-4d5e6f.js'), 'newer')
  copyPage(target, page)
  expect(readdirSync(target)).toEqual(['licences.txt', 'part-4d5e6f.js', 'scalewise.js', 'worker.js'])
})

it('never replaces a folder that is no copy', () => {
  const target = join(root, 'public')
  mkdirSync(target)
  writeFileSync(join(target, 'worker.js'), 'years of work')
  expect(() => copyPage(target, page)).toThrow(/public is there and holds no copy. Give another folder/)
  expect(readFileSync(join(target, 'worker.js'), 'utf8')).toBe('years of work')
})

it('what the disk refuses is told with the remedy', () => {
  writeFileSync(join(root, 'file'), 'in the way')
  expect(() => copyPage(join(root, 'file/scalewise'), page)).toThrow(/cannot be written: a part of the path is a file/)
  expect(existsSync(page)).toBe(true)
})

/** The benchmark's files: one JSON, and what is written from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Causes, performanceDocument, speedTable } from './document'
import type { Results } from './results'

const RESULTS = 'bench/results.json'
const CAUSES = 'bench/causes.json'
const DOCUMENT = 'docs/PERFORMANCE.md'
const GUIDE = 'docs/guide/models.md'

const SPEED_MARKS = /(<!-- speed -->\n)[\s\S]*(\n<!-- \/speed -->)/

export function readResults(): Results {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : { format: 1, platforms: {} }
}

export function readCauses(): Causes {
  return JSON.parse(readFileSync(CAUSES, 'utf8'))
}

/** Each generated file, with what it has to hold. */
export function generated(results: Results): readonly { readonly path: string; readonly text: string }[] {
  const guide = readFileSync(GUIDE, 'utf8')
  return [
    { path: DOCUMENT, text: performanceDocument(results, readCauses()) },
    { path: GUIDE, text: guide.replace(SPEED_MARKS, (_, start, end) => start + speedTable(results) + end) },
  ]
}

export function writeResults(results: Results): void {
  writeFileSync(RESULTS, `${JSON.stringify(results, rounded, 1)}\n`)
  for (const { path, text } of generated(readResults())) writeFileSync(path, text)
}

/** Five digits are more than any of the clocks gives. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
}

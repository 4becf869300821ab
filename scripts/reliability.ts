/**
 * Keeps the table of faults of the last end-to-end runs: docs/reliability.json and docs/RELIABILITY.md.
 * `npm run test:e2e && npm run test:firefox && npm run reliability`
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { ReportedRow } from '../e2e/testing/reliability'

const RUN = 'test-results/reliability.json'
const FIREFOX = 'test-results/reliability-firefox.json'

const rows = [
  ...read(RUN, 'Run the end-to-end tests first: npm run test:e2e'),
  ...read(FIREFOX, 'Run them in Firefox, too, after those in Chromium: npm run test:firefox'),
]
writeFileSync('docs/reliability.json', `${JSON.stringify(rows, null, 2)}\n`)
writeFileSync('docs/RELIABILITY.md', page(rows))
console.log(`docs/RELIABILITY.md: ${rows.length} faults, ${rows.filter(({ passed }) => !passed).length} failed`)

function read(file: string, remedy: string): ReportedRow[] {
  if (!existsSync(file)) throw new Error(`${file} is missing. ${remedy}.`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

function page(all: readonly ReportedRow[]): string {
  const failed = all.filter(({ passed }) => !passed).length
  const specs = [...new Set(all.map(({ spec }) => spec))]
  return `# Reliability

Every row is a fault that the end-to-end tests injected in a real browser (with real HTTP, IndexedDB, workers and
WebGPU), and what they measured afterwards. The file is generated from [reliability.json](reliability.json) by
\`npm run test:e2e && npm run test:firefox && npm run reliability\`.

The tests that \`npm test\` runs drive Chromium. The last section is the built page in Firefox, on WASM, driven through
WebDriver BiDi: a smaller suite of its own, since Playwright drives only a Firefox of its own make. No npm package carries
a Firefox, so \`npm test\` leaves it out; \`npm run test:firefox\` fails where there is none.

${all.length} faults, ${failed === 0 ? 'all as they must be' : `**${failed} not as they must be**`}.

- Lost: verified bytes that were fetched again.
- Pending: promises that did not settle.
- Alive: latents still allocated after the next picture.
- ms: how long the engine took to answer, on the machine of that run.

A dash: it does not apply, or was not measured.

${specs.map((spec) => section(spec, all)).join('\n\n')}
`
}

function section(spec: string, all: readonly ReportedRow[]): string {
  const rows = all.filter((row) => row.spec === spec)
  return `## [${spec}](../e2e/${spec})

| | Fault | Must happen | Happened | Lost | Pending | Alive | ms |
|---|---|---|---|---:|---:|---:|---:|
${rows.map(line).join('\n')}`
}

function line({ passed, fault, expected, result, ...measured }: ReportedRow): string {
  const { bytesLost, promisesPending, latentsAlive, ms } = measured
  const numbers = [bytesLost, promisesPending, latentsAlive, ms === undefined ? ms : Math.round(ms)]
  const cells = [passed ? '✓' : '✗', ...[fault, expected, result].map(escaped), ...numbers.map((n) => n ?? '–')]
  return `| ${cells.join(' | ')} |`
}

function escaped(text: string): string {
  return text.replace(/[|\\<]/g, '\\$&').replace(/\s+/g, ' ')
}

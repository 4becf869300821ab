/**
 * Keeps the table of faults of the last runs: docs/reliability.json and docs/RELIABILITY.md. A test file that ran since
 * replaces its own rows; those of files that are gone are dropped, and all others stay.
 * `npm run test:e2e && npm run test:firefox && .venv/bin/python -m pytest training/tests/test_convert_killed.py && npm run reliability`
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { ReportedRow } from '../e2e/testing/reliability'

const KEPT = 'docs/reliability.json'
/** Playwright empties its folder when it begins: the other two run after it, or `npm run reliability` in between. */
const RUNS = ['reliability.json', 'reliability-firefox.json', 'reliability-python.json']
const PYTHON = 'training/tests/'

const ran = RUNS.flatMap((file) => read(`test-results/${file}`))
if (ran.length === 0)
  throw new Error('No test that injects faults was run. Run npm run test:e2e first, or some of its files.')
const fresh = new Set(ran.map(({ spec }) => spec))
const rows = [...read(KEPT).filter(({ spec }) => !fresh.has(spec)), ...ran]
  .filter(({ spec }) => existsSync(pathOf(spec)))
  // Of one file in the order in which they ran.
  .sort((a, b) => order(a.spec).localeCompare(order(b.spec)))
writeFileSync(KEPT, `${JSON.stringify(rows, null, 2)}\n`)
writeFileSync('docs/RELIABILITY.md', page(rows))
console.log(
  `docs/RELIABILITY.md: ${rows.length} faults, ${ran.length} of them from ${fresh.size} files that ran since, ` +
    `${rows.filter(({ passed }) => !passed).length} failed`,
)

function read(file: string): ReportedRow[] {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
}

function pathOf(spec: string): string {
  return spec.startsWith(PYTHON) ? spec : `e2e/${spec}`
}

/** Chromium's first, then Firefox's, then Python's. */
function order(spec: string): string {
  return `${spec.startsWith(PYTHON) ? 2 : spec.startsWith('firefox/') ? 1 : 0} ${spec}`
}

function page(all: readonly ReportedRow[]): string {
  const failed = all.filter(({ passed }) => !passed).length
  const specs = [...new Set(all.map(({ spec }) => spec))]
  return `# Reliability

Every row is a fault that a test injected, and what it measured afterwards: in a real browser (with real HTTP, IndexedDB,
workers and WebGPU), or in the converter of [real models](REAL-MODELS.md). The file is generated from
[reliability.json](reliability.json) by \`npm run reliability\`; each section is of the last run of its test file.

The tests that \`npm test\` runs drive Chromium. The section of \`firefox/\` is the built page in Firefox, on WASM, driven
through WebDriver BiDi: a smaller suite of its own, since Playwright drives only a Firefox of its own make. No npm package
carries a Firefox, so \`npm test\` leaves it out; \`npm run test:firefox\` fails where there is none. The last section is
\`pytest training/tests/test_convert_killed.py\`.

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
  return `## [${spec}](../${pathOf(spec)})

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

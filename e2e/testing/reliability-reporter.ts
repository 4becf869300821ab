import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import { ATTACHMENT, type FaultRow, type ReportedRow } from './reliability'

const FILE = join('test-results', 'reliability.json')

/** Collects the rows of a run, prints them as a table at its end and keeps them for docs/RELIABILITY.md. */
export default class ReliabilityReporter implements Reporter {
  /** By test, so that a second try replaces the rows of the first. */
  readonly #rows = new Map<string, readonly ReportedRow[]>()

  onTestEnd(test: TestCase, { attachments, status }: TestResult): void {
    const rows: ReportedRow[] = []
    for (const { name, body } of attachments) {
      if (name !== ATTACHMENT || !body) continue
      const row: FaultRow = JSON.parse(body.toString())
      rows.push({ ...row, spec: specOf(test), passed: status === test.expectedStatus })
    }
    this.#rows.set(test.id, rows)
  }

  onEnd(): void {
    const rows = [...this.#rows.values()].flat()
    if (rows.length === 0) return
    console.log(`\nFaults injected in this run, and what remained:\n\n${table(rows)}\n`)
    mkdirSync('test-results', { recursive: true })
    writeFileSync(FILE, `${JSON.stringify(rows, null, 2)}\n`)
  }

  printsToStdio(): boolean {
    return false
  }
}

/** A spec's path below e2e/, with slashes on every system: docs/RELIABILITY.md links to it. */
function specOf({ location }: TestCase): string {
  return relative('e2e', location.file).split(sep).join('/')
}

function table(rows: readonly ReportedRow[]): string {
  const lines = [
    ['', 'fault', 'result', 'bytes lost', 'pending', 'latents', 'ms'],
    ...rows.map(({ passed, fault, result, bytesLost, promisesPending, latentsAlive, ms }) => [
      passed ? '✓' : '✗',
      fault,
      result,
      ...[bytesLost, promisesPending, latentsAlive, ms === undefined ? ms : Math.round(ms)].map((n) => `${n ?? '–'}`),
    ]),
  ]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0))) ?? []
  return lines
    .map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`)
    .join('\n')
}

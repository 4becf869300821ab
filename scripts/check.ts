/** `npm test`: every check, in the order in which they fail fastest. Stops at the first failure and sums up. */
import { spawnSync } from 'node:child_process'

const checks = [
  { script: 'lint', what: 'format, lint and import circles' },
  { script: 'typecheck', what: 'types' },
  { script: 'test:unit', what: 'unit and kernel tests, import rules' },
  { script: 'docs', what: 'the documents, and the API reference without a warning' },
  { script: 'build', what: 'the site, with them' },
  { script: 'build:lib', what: 'the package' },
  { script: 'check:packages', what: 'entries and types of both tarballs, and an app compiled against them' },
  { script: 'size', what: 'bytes before the first picture' },
  { script: 'test:e2e', what: 'end to end, in Chromium' },
] as const

const lines: string[] = []
let failed = false

for (const { script, what } of checks) {
  const name = `${script.padEnd(14)} ${what}`
  if (failed) {
    lines.push(`  –  ${name}: not run`)
    continue
  }
  console.log(`\n── npm run ${script}: ${what}`)
  const start = performance.now()
  const { status, signal, error } = spawnSync('npm', ['run', '--silent', script], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  failed = status !== 0
  const outcome = error?.message ?? (signal ? `ended by ${signal}` : `exit status ${status}`)
  lines.push(failed ? `  ✗  ${name}: ${outcome} after ${seconds} s` : `  ✓  ${name}: ${seconds} s`)
}

console.log(`\n${lines.join('\n')}\n\n${failed ? 'FAILED' : 'All passed'}`)
process.exitCode = failed ? 1 : 0

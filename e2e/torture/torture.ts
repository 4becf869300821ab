/**
 * `npm run torture -- [minutes] [seed]`: models, tabs, aborts, kills, cuts, full disks, deletions and deploys, mixed at
 * random in a real browser, against an oracle: verified bytes are kept, nothing is pending, the picture is right. Each
 * row has a seed of its own, which is printed; a row that fails is cut down to a small one. Fails where any did.
 */
import { chromium } from '@playwright/test'
import { createServer } from 'vite'
import { browserArgs, findBrowser } from '../testing/browser'
import { randomSteps, type Step, shrink } from './steps'
import { runSteps } from './world'

const minutes = Number(process.argv[2] ?? 2)
const firstSeed = Number(process.argv[3] ?? Date.now() % 1_000_000)
if (!(minutes > 0) || !Number.isSafeInteger(firstSeed)) throw new Error('Usage: npm run torture -- [minutes] [seed]')

const port = Number(process.env.SOURCE_PORT ?? 41742)
const vite = await createServer({
  mode: 'e2e',
  logLevel: 'error',
  server: { host: '127.0.0.1', port, strictPort: true },
})
await vite.listen()
const found = await findBrowser()
Object.assign(process.env, found.env)
const browser = await chromium.launch({ executablePath: found.path, args: browserArgs })
const say = (words: string): void => void process.stdout.write(`${words}\n`)

const end = Date.now() + minutes * 60_000
let rows = 0
let steps = 0
let failed = 0
say(`Torture for ${minutes} min from seed ${firstSeed}.`)
try {
  for (let seed = firstSeed; Date.now() < end; seed++) {
    const row = randomSteps(seed)
    const problems = await runSteps(browser, `http://127.0.0.1:${port}`, row)
    rows++
    steps += row.length
    if (problems.length === 0) continue
    failed++
    say(`\nSeed ${seed} fails:\n  ${problems.join('\n  ')}`)
    const small = await shrink(row, fails)
    say(
      `Smallest row that fails, ${small.length} of ${row.length} steps:\n${small.map((s) => `  ${JSON.stringify(s)}`).join('\n')}`,
    )
  }
} finally {
  await browser.close()
  await vite.close()
}
say(`${rows} rows, ${steps} steps, ${failed} failed.`)
process.exitCode = failed > 0 ? 1 : 0

async function fails(row: readonly Step[]): Promise<boolean> {
  return (await runSteps(browser, `http://127.0.0.1:${port}`, row)).length > 0
}

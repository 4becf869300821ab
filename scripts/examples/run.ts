/**
 * `npm run test:examples [-- name …]`: each app in `examples/` as a stranger would build it, from the packed tarballs, in
 * a folder outside the repository; its dev server and its build draw a picture in Chromium. `--lock` writes the lock
 * files again, and draws nothing. Needs dist-lib.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import { preview } from 'vite'
import { browserArgs, findBrowser } from '../../e2e/testing/browser'
import { apps, type ExampleApp } from './apps'
import { endAll, run, whileServing } from './commands'
import { install, packTarballs, type Tarballs } from './install'
import { look } from './look'

const port = Number(process.env.EXAMPLES_PORT ?? 41_741)

function scriptsOf(folder: string): Record<string, string> {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts
}

async function check(
  app: ExampleApp,
  target: string,
  tarballs: Tarballs,
  lock: boolean,
  browser: Browser,
): Promise<void> {
  let folder = ''
  const took: Record<string, string> = {}
  const part = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const start = performance.now()
    await work()
    took[name] = `${((performance.now() - start) / 1000).toFixed(1)} s`
  }
  await part('install', async () => {
    folder = await install(app, target, tarballs, lock)
  })
  const scripts = scriptsOf(folder)
  if (lock) return console.log(`  ✓  ${app.name}: package-lock.json written`)
  if ('dev' in scripts) await part('dev', () => whileServing(folder, 'dev', port, (url) => look(browser, url)))
  if ('build' in scripts) await part('build', () => run(folder, 'npm', ['run', 'build']))
  await part('built', () => lookAtBuild(app, folder, browser))
  const parts = Object.entries(took).map(([name, time]) => `${name} ${time}`)
  console.log(`  ✓  ${app.name.padEnd(10)} ${parts.join(', ')}`)
  rmSync(folder, { recursive: true, force: true })
}

async function lookAtBuild({ output, offline }: ExampleApp, folder: string, browser: Browser): Promise<void> {
  if (!output)
    return whileServing(folder, 'preview', port, (url, stop) => look(browser, url, offline ? { offline: stop } : {}))
  const server = await preview({
    // Vite warns when one holds the other.
    root: join(folder, '..'),
    configFile: false,
    build: { outDir: join(folder, output) },
    preview: { port, strictPort: true },
  })
  try {
    await look(browser, `http://localhost:${port}/`)
  } finally {
    await server.close()
  }
}

async function main(args: readonly string[]): Promise<void> {
  const lock = args.includes('--lock')
  const names = args.filter((arg) => arg !== '--lock')
  const unknown = names.filter((name) => !apps.some((app) => app.name === name))
  if (unknown.length > 0)
    throw new Error(`No example ${unknown.join(', ')}. There are ${apps.map(({ name }) => name).join(', ')}.`)
  if (!existsSync('dist-lib/index.js')) throw new Error('There is no package yet. Run `npm run build:lib` first.')
  const found = await findBrowser()
  const target = mkdtempSync(join(tmpdir(), 'scalewise-examples-'))
  const browser = await chromium.launch({
    executablePath: found.path,
    args: browserArgs,
    env: { ...(process.env as Record<string, string>), ...found.env },
  })
  try {
    const tarballs = await packTarballs(target)
    for (const app of apps) {
      if (names.length > 0 && !names.includes(app.name)) continue
      await check(app, target, tarballs, lock, browser).catch((error: Error) => {
        process.exitCode = 1
        console.error(`  ✗  ${app.name}: ${error.message}`)
      })
    }
  } finally {
    endAll()
    await browser.close()
    rmSync(target, { recursive: true, force: true })
  }
}

process.once('SIGINT', () => {
  endAll()
  process.exit(130)
})
await main(process.argv.slice(2))

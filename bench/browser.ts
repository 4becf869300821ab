/** A Chromium with the benchmark's own page, built as the demo is and served as a static host would. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { browserArgs, findBrowser } from '../e2e/testing/browser'
import { type FaultServer, startServer } from '../e2e/testing/server'
import type { BenchApi } from './page/page'

export interface Site {
  readonly server: FaultServer
  /** Where model folders may be put, below the page. */
  readonly folder: string
}

/** Both give a page finer clocks, and leave to measure its memory. */
const ISOLATION = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

/** Builds the page and serves it with the repository's models. */
export async function openSite(): Promise<Site> {
  const folder = resolve('node_modules/.cache/scalewise/bench')
  await build({
    configFile: false,
    logLevel: 'error',
    root: resolve('bench/page'),
    base: './',
    publicDir: false,
    build: { target: 'esnext', outDir: folder, emptyOutDir: true },
    worker: { format: 'es' },
  })
  cpSync('models', join(folder, 'models'), { recursive: true })
  cpSync('bench/matmul.onnx', join(folder, 'matmul.onnx'))
  return { folder, server: await startServer({ root: folder, headers: ISOLATION }) }
}

export interface Visitor {
  /** A new page in the same profile. */
  open(): Promise<Page>
  readonly version: string
  readonly context: BrowserContext
  close(): Promise<void>
}

/** A browser with an empty profile on the disk, as a first visitor has. */
export async function openVisitor({ server }: Site): Promise<Visitor> {
  const { path, env } = await findBrowser()
  const profile = mkdtempSync(join(tmpdir(), 'scalewise-bench-'))
  const options = {
    executablePath: path,
    args: [...browserArgs],
    env: { ...process.env, ...env } as Record<string, string>,
  }
  const context = await chromium.launchPersistentContext(profile, options)
  const version = context.browser()?.version() ?? 'of unknown version'
  return {
    context,
    version,
    async open() {
      const page = await context.newPage()
      await page.goto(`${server.url}/index.html`)
      await page.waitForFunction(() => 'bench' in window)
      return page
    },
    async close() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** Calls one of the page's measurements. */
export async function call<K extends keyof BenchApi>(
  page: Page,
  name: K,
  ...args: Parameters<BenchApi[K]>
): Promise<Awaited<ReturnType<BenchApi[K]>>> {
  const measure = ([what, given]: [K, unknown[]]) =>
    (window.bench[what] as (...args: unknown[]) => Promise<unknown>)(...given)
  return (await page.evaluate(measure as never, [name, args] as never)) as Awaited<ReturnType<BenchApi[K]>>
}

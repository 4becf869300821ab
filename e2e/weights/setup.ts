/** What the specs of the weights share: a server with the models, and a page that has the weights alone. */
import { readFileSync } from 'node:fs'
import { test as base, expect, type Page } from '@playwright/test'
import type { Manifest } from '../../src/manifest'
import type { EngineProgress } from '../../src/types'
import { source } from '../testing/pages'
import { type FaultServer, startServer } from '../testing/server'
import type { Loaded, Loading } from './weights-page'

export type { Loaded } from './weights-page'

export const encoder = 'text-encoder.onnx'
/** Bytes that a file of the emoji model has; the text encoder is larger than three chunks. */
export const sizeOf = (path: string, model = 'emoji') => fileOf(path, model).bytes
export const hashOf = (path: string, model = 'emoji') => fileOf(path, model).sha256
export const CHUNK = 4 * 2 ** 20

/** What most of the tests load: the emoji model's text encoder alone. */
export const emoji = '/emoji/manifest.json'
export const only = [encoder]
export const path = `/emoji/${encoder}`
export const size = sizeOf(encoder)

interface Fixtures {
  /** On another origin than the page. */
  models: FaultServer
  /** Opens a page of the harness, one more tab at each call. */
  openTab: () => Promise<Page>
  /** Loads of all open tabs that have not settled. */
  pending: () => Promise<number>
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of it.
  models: async ({}, use) => {
    const server = await startServer({ root: 'models', cors: true })
    await use(server)
    // Whatever happened: a preflight would be refused by many hosts.
    expect(server.requests.filter(({ method }) => method === 'OPTIONS')).toEqual([])
    await server.stop()
  },
  openTab: async ({ context }, use) => {
    await use(async () => {
      const page = await context.newPage()
      await page.goto(`${source}/e2e/weights/weights-page.html`)
      await ready(page)
      return page
    })
  },
  pending: async ({ context }, use) => {
    await use(async () => {
      const counts = context.pages().map((page) => page.evaluate(() => window.weights.pending))
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    })
  },
})

export function manifestOf(model: string): Manifest {
  return JSON.parse(readFileSync(`models/${model}/manifest.json`, 'utf8')) as Manifest
}

export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => 'weights' in window)
}

export async function reload(page: Page): Promise<void> {
  await page.reload()
  await ready(page)
}

export function load(page: Page, loading: Loading): Promise<Loaded> {
  return page.evaluate((given) => window.weights.load(given), loading)
}

export function start(page: Page, loading: Loading): Promise<void> {
  return page.evaluate((given) => window.weights.start(given), loading)
}

export async function finished(page: Page): Promise<Loaded> {
  return (await page.evaluate(() => window.weights.last)) as Loaded
}

/** Waits until so many bytes of a file have come. */
export async function came(page: Page, path: string, bytes: number): Promise<void> {
  await page.waitForFunction(([file, least]) => window.weights.loaded(file) >= least, [path, bytes] as const)
}

/**
 * Starts a download that stops at a byte of the text encoder, with the connection open, and waits until the page has
 * it. `kept`: bytes that the page has from before. (When a connection breaks at full speed, Chromium drops what it had
 * received and not yet handed over, up to a megabyte: no page can keep that.)
 */
export async function holdAt(models: FaultServer, page: Page, loading: Loading, byte: number, kept = 0): Promise<void> {
  models.fault(`/emoji/${encoder}`, { kind: 'hold', afterBytes: byte - kept }, 1)
  await start(page, loading)
  await came(page, encoder, byte)
}

export function events<S extends EngineProgress['stage']>(
  page: Page,
  stage: S,
): Promise<Extract<EngineProgress, { stage: S }>[]> {
  return page.evaluate((wanted) => window.weights.events.filter((event) => event.stage === wanted), stage) as Promise<
    Extract<EngineProgress, { stage: S }>[]
  >
}

export async function warnings(page: Page): Promise<string[]> {
  return (await events(page, 'warning')).map(({ message }) => message)
}

/** Body bytes that a server has sent of a file. */
export function sent(server: FaultServer, path: string): number {
  return server.requests
    .filter((request) => request.path.endsWith(`/${path}`))
    .reduce((sum, each) => sum + each.sent, 0)
}

/** Expects that each of the files, or all, came with the content that the manifest promises. */
export function expectWhole(loaded: Loaded, model = 'emoji', only?: readonly string[]): void {
  const files = manifestOf(model).files.filter(({ path }) => only?.includes(path) ?? true)
  expect(loaded.error).toBeUndefined()
  expect(loaded.sha256).toEqual(Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256])))
}

function fileOf(path: string, model: string) {
  const file = manifestOf(model).files.find((each) => each.path === path)
  if (!file) throw new Error(`The model ${model} has no ${path}.`)
  return file
}

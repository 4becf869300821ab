/** Part 4: the first preview with nothing stored, with everything stored, and with ONNX Runtime alone; memory. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { BrowserContext } from '@playwright/test'
import { namedFiles, withVariant } from '../../src/manifest'
import { parseManifest } from '../../src/manifest/parse'
import { call, openVisitor, type Site } from '../browser'
import type { BareStart, EngineStart } from '../measure/start'
import type { StartFigures } from '../results'
import { median, ratio, spread } from '../statistics'

/** `model`: path of the manifest below the page. */
export async function measureStart(site: Site, model: string, rounds: number): Promise<StartFigures> {
  const cold = []
  const runtime = new Set<string>()
  for (let round = 0; round < Math.min(rounds, 2); round++) {
    const visitor = await openVisitor(site)
    const from = site.server.requests.length
    const start = await call(await visitor.open(), 'startEngine', model, 1)
    const requests = site.server.requests.slice(from)
    cold.push({ ...start, ...received(requests) })
    for (const { path } of requests) if (path.endsWith('.wasm')) runtime.add(path)
    await visitor.close()
  }

  const visitor = await openVisitor(site)
  try {
    await call(await visitor.open(), 'startEngine', model, 0)
    const warm: EngineStart[] = []
    const [bare, before]: [BareStart[], BareStart[]] = [[], []]
    const onNewPage = async <T>(
      measure: (page: Awaited<ReturnType<typeof visitor.open>>) => Promise<T>,
    ): Promise<T> => {
      const page = await visitor.open()
      const result = await measure(page)
      await page.close()
      return result
    }
    const warmStart = () => onNewPage((page) => call(page, 'startEngine', model))
    const bareStart = (asyncify: boolean) => onNewPage((page) => call(page, 'startBare', model, asyncify))
    // All once before: the browser keeps what it compiled.
    for (let round = -1; round < rounds; round++) {
      const [ours, theirs, formerly] = [await warmStart(), await bareStart(false), await bareStart(true)]
      if (round >= 0) {
        warm.push(ours)
        bare.push(theirs)
        before.push(formerly)
      }
    }
    const memory = await measureMemory(visitor.context, () => warmStart())
    const previews = warm.map(({ preview }) => preview)
    return {
      downloadBytes: median(cold.map(({ modelBytes }) => modelBytes)),
      runtimeBytes: median(cold.map(({ runtimeBytes }) => runtimeBytes)),
      firstBytes: firstBytes(site.folder, model, [...runtime]),
      coldReady: median(cold.map(({ ready }) => ready)),
      coldPreview: median(cold.map(({ preview }) => preview)),
      warmReady: median(warm.map(({ ready }) => ready)),
      warmPreview: median(previews),
      bare: median(bare.map(({ run }) => run)),
      bareFetched: median(bare.map(({ run, fetched }) => run + fetched)),
      warmOverBare: ratio(
        previews,
        bare.map(({ run }) => run),
      ),
      warmOverBareFetched: ratio(
        previews,
        bare.map(({ run, fetched }) => run + fetched),
      ),
      readyOverBefore: ratio(
        warm.map(({ ready }) => ready),
        before.map(({ sessions, fetched }) => sessions + fetched),
      ),
      firstOverLater: spread(warm.map(({ first, later }) => first / later)),
      ...memory,
    }
  } finally {
    await visitor.close()
  }
}

/** Of the files that a first picture on WASM waits for, each gzipped. */
function firstBytes(folder: string, model: string, runtime: readonly string[]): number {
  const manifest = withVariant(parseManifest(JSON.parse(readFileSync(join(folder, model), 'utf8'))))
  const files = namedFiles(manifest).filter(([field]) => !field.startsWith('encoder.'))
  const paths = [
    ...files.map(([, path]) => join(folder, dirname(model), path)),
    ...runtime.map((path) => join(folder, path)),
  ]
  return paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0)
}

function received(requests: Site['server']['requests']): { modelBytes: number; runtimeBytes: number } {
  const sum = (wanted: (path: string) => boolean): number =>
    requests.reduce((bytes, { path, sent }) => bytes + (wanted(path) ? sent : 0), 0)
  return { modelBytes: sum((path) => path.includes('/models/')), runtimeBytes: sum((path) => path.endsWith('.wasm')) }
}

/** Resident bytes of the page's process: before a model is loaded and at the most. Linux tells it, others nothing. */
async function measureMemory(
  context: BrowserContext,
  work: () => Promise<unknown>,
): Promise<{ peakMemory?: number; baseMemory?: number }> {
  const browser = context.browser()
  if (process.platform !== 'linux' || !browser) return {}
  const session = await browser.newBrowserCDPSession()
  const renderers = async (): Promise<number[]> => {
    const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
      processInfo: { type: string; id: number }[]
    }
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  }
  const resident = (id: number, field: 'VmRSS' | 'VmHWM'): number => {
    try {
      const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${id}/status`, 'utf8'))
      return 1024 * Number(line?.[1] ?? 0)
    } catch {
      return 0 // It ended meanwhile.
    }
  }
  const before = new Set(await renderers())
  let base = 0
  let peak = 0
  const timer = setInterval(() => {
    void renderers().then((ids) => {
      for (const id of ids.filter((id) => !before.has(id))) {
        base ||= resident(id, 'VmRSS')
        peak = Math.max(peak, resident(id, 'VmHWM'))
      }
    })
  }, 50)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return { peakMemory: peak, baseMemory: base }
}

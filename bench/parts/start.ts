/** Part 4: the first preview with nothing stored, with everything stored, and with ONNX Runtime alone; memory. */
import { readFileSync } from 'node:fs'
import type { BrowserContext } from '@playwright/test'
import { call, openVisitor, type Site } from '../browser'
import type { StartFigures } from '../results'
import { median, ratio, spread } from '../statistics'

/** `model`: path of the manifest below the page. */
export async function measureStart(site: Site, model: string, rounds: number): Promise<StartFigures> {
  const cold = []
  for (let round = 0; round < Math.min(rounds, 2); round++) {
    const visitor = await openVisitor(site)
    const from = site.server.requests.length
    const start = await call(await visitor.open(), 'startEngine', model, 1)
    const requests = site.server.requests.slice(from)
    cold.push({ ...start, ...received(requests) })
    await visitor.close()
  }

  const visitor = await openVisitor(site)
  try {
    await call(await visitor.open(), 'startEngine', model, 0)
    const [warm, bare] = [[], []] as [Awaited<ReturnType<typeof warmStart>>[], Awaited<ReturnType<typeof bareStart>>[]]
    const onNewPage = async <T>(
      measure: (page: Awaited<ReturnType<typeof visitor.open>>) => Promise<T>,
    ): Promise<T> => {
      const page = await visitor.open()
      const result = await measure(page)
      await page.close()
      return result
    }
    const warmStart = () => onNewPage((page) => call(page, 'startEngine', model))
    const bareStart = () => onNewPage((page) => call(page, 'startBare', model))
    // Both once before: the browser keeps what it compiled.
    for (let round = -1; round < rounds; round++) {
      const [ours, theirs] = [await warmStart(), await bareStart()]
      if (round >= 0) {
        warm.push(ours)
        bare.push(theirs)
      }
    }
    const memory = await measureMemory(visitor.context, () => warmStart())
    const previews = warm.map(({ preview }) => preview)
    return {
      downloadBytes: median(cold.map(({ modelBytes }) => modelBytes)),
      runtimeBytes: median(cold.map(({ runtimeBytes }) => runtimeBytes)),
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
      firstOverLater: spread(warm.map(({ first, later }) => first / later)),
      ...memory,
    }
  } finally {
    await visitor.close()
  }
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

/** The default picture on WASM, in the ways that an app can have it, each on a page of its own: threads are a page's. */
import type { Page } from '@playwright/test'
import { call, openVisitor, type Site } from '../browser'
import type { FastFigures } from '../results'
import { inTurn, median, ratio } from '../statistics'

const WARMUP = 3
const BATCHES = [1, 2, 4, 8]
const BUDGETED = 48

export async function measureFast(site: Site, model: string, rounds: number): Promise<FastFigures> {
  const visitor = await openVisitor(site)
  async function open(float32: boolean, threads: number): Promise<Page> {
    const page = await visitor.open()
    await call(page, 'open', model, 'wasm', { float32, threads })
    return page
  }
  try {
    // "before" is one thread and float32, as every page had it up to 0.2.0.
    const pages = {
      before: await open(true, 1),
      threads: await open(true, Number.POSITIVE_INFINITY),
      int8: await open(false, 1),
      both: await open(false, Number.POSITIVE_INFINITY),
    }
    const picture = (page: Page) => () => call(page, 'picture', model, 1)
    const taken = await inTurn(
      {
        before: picture(pages.before),
        threads: picture(pages.threads),
        int8: picture(pages.int8),
        both: picture(pages.both),
      },
      rounds,
      WARMUP,
    )
    const batches: { batch: number; perSecond: number }[] = []
    for (const batch of BATCHES) {
      const ms: number[] = []
      for (let round = -1; round < Math.min(rounds, 5); round++) {
        const each = await call(pages.both, 'picture', model, batch)
        if (round >= 0) ms.push(each)
      }
      batches.push({ batch, perSecond: (1000 * batch) / median(ms) })
    }
    return {
      threads: await call(pages.both, 'threads', model),
      beforeMs: median(taken.before),
      threadsOver: ratio(taken.threads, taken.before),
      int8Over: ratio(taken.int8, taken.before),
      bothOver: ratio(taken.both, taken.before),
      batches,
      budgetError: await call(pages.both, 'budget', model, BUDGETED),
    }
  } finally {
    await visitor.close()
  }
}

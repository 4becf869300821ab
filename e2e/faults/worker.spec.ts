import { expect, type Page, test } from '@playwright/test'
import { recordFault } from '../testing/reliability'
import { drawFirst, ends, msSince, openFaultyPage, pending } from './setup'

/** The engine's worker dies, in two ways and at every moment. One engine for all: each death must leave it usable. */
test.describe.configure({ mode: 'serial' })

let page: Page
/** The picture of the usual request, before anything happened. */
let sound: string

test.beforeAll(async ({ browser }) => {
  page = await openFaultyPage(browser)
  sound = await drawFirst(page)
})

test.afterAll(() => page.close())

const deaths = [
  { command: 'throw', what: 'an uncaught error in the worker' },
  { command: 'close', what: 'the worker ends without a word' },
] as const

for (const { command, what } of deaths) {
  test(`${what}, drawing, others queued: WorkerCrashed for all, and the next call draws the same`, async () => {
    const { outcomes, next, died } = await page.evaluate(async (order) => {
      const { long, request, outcome } = window.faults
      let died = 0
      function onScale({ index }: { index: number }): void {
        if (index === 1) died = window.faults.order(order)
      }
      const calls = [{ ...long, onScale }, request, request, request].map((each) => window.engine.generate(each))
      const outcomes = await Promise.all(calls.map((call) => outcome(call)))
      return { outcomes, died, next: await outcome(window.engine.generate(request)) }
    }, command)
    for (const { end, message } of outcomes) {
      expect(end).toBe('WorkerCrashed')
      expect(message).toContain('Try again')
    }
    expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
    await recordFault(test.info(), {
      fault: `${what}, while drawing, 3 more queued`,
      expected: 'WorkerCrashed for all 4; the next call starts a fresh worker and draws the same picture',
      result: `${ends(outcomes)}; then the same picture`,
      promisesPending: pending([...outcomes, next]),
      latentsAlive: next.live,
      ms: msSince(died, outcomes),
    })
  })

  test(`${what}, while loading: WorkerCrashed, and an idle engine draws at its next call`, async () => {
    const { lost, next, died } = await page.evaluate(async (order) => {
      const { createEngine, outcome, request } = window.faults
      let died = 0
      const loading = createEngine({
        onProgress({ stage }) {
          // The worker of `window.engine` receives it as well: an idle worker's death.
          if (stage === 'download' && died === 0) died = window.faults.order(order)
        },
      })
      const lost = await outcome(loading)
      await new Promise((resolve) => setTimeout(resolve, 500)) // The idle one dies by itself as well.
      return { lost, died, next: await outcome(window.engine.generate(request)) }
    }, command)
    expect(lost.end).toBe('WorkerCrashed')
    expect(next).toMatchObject({ end: 'drawn', picture: sound, live: 0 })
    await recordFault(test.info(), {
      fault: `${what}, while one engine loads and another is idle`,
      expected: 'WorkerCrashed for the loading one; the idle one draws the same picture at its next call',
      result: `${ends([lost])}; then the same picture`,
      promisesPending: pending([lost, next]),
      latentsAlive: next.live,
      ms: msSince(died, [lost]),
    })
  })
}

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { unlessAborted } from '../errors'
import { Queue } from '../worker/queue'
import { createLatest } from './latest'

it('of each group only the newest is drawn to its end; others keep their place in the queue', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('typing', 'slider', undefined), { minLength: 1 }), async (groups) => {
      const latest = createLatest()
      const queue = new Queue()
      const drawn: number[] = []
      const calls = groups.map((group, i) =>
        latest(group, undefined, (signal) =>
          queue.run(async () => {
            await unlessAborted(Promise.resolve(), signal)
            drawn.push(i)
          }, signal),
        ),
      )
      const ends = await Promise.allSettled(calls)
      const newest = groups.map((group, i) => group === undefined || groups.lastIndexOf(group) === i)
      expect(ends.map(({ status }) => status === 'fulfilled')).toEqual(newest)
      expect(drawn).toEqual(groups.flatMap((_, i) => (newest[i] ? [i] : [])))
    }),
  )
})

it("says whose place was taken, and heeds the request's own signal", async () => {
  const latest = createLatest()
  const held = (signal?: AbortSignal) => unlessAborted(new Promise<void>(() => {}), signal)
  const first = latest('typing', undefined, held)
  const own = new AbortController()
  const second = latest('typing', own.signal, held)
  await expect(first).rejects.toMatchObject({ name: 'AbortError', cause: expect.stringContaining("'typing'") })
  own.abort('enough')
  await expect(second).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
  await expect(latest('typing', undefined, async () => 3)).resolves.toBe(3)
})

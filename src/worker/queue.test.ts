import { describe, expect, it } from 'vitest'
import { Queue } from './queue'

/** A task that ends when the test says so. */
function createTask(log: string[], name: string) {
  let end = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  return {
    end,
    async run() {
      log.push(`${name} begins`)
      await ended
      log.push(`${name} ends`)
      return name
    },
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve))

describe('Queue', () => {
  it('runs one task at a time, in order', async () => {
    const queue = new Queue()
    const log: string[] = []
    const tasks = ['a', 'b', 'c'].map((name) => createTask(log, name))
    const results = tasks.map((task) => queue.run(task.run))
    expect(queue.pending).toBe(3)
    for (const task of tasks.toReversed()) task.end()
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c'])
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(queue.pending).toBe(0)
  })

  it('takes a cancelled task out at once and keeps the others in order', async () => {
    const queue = new Queue()
    const log: string[] = []
    const a = createTask(log, 'a')
    const b = createTask(log, 'b')
    const c = createTask(log, 'c')
    const controller = new AbortController()
    const first = queue.run(a.run)
    const second = queue.run(b.run, controller.signal)
    const third = queue.run(c.run)
    await settle()
    controller.abort('enough')
    await expect(second).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    await settle()
    // The cancelled one has left, and yet the third waits for the first.
    expect(log).toEqual(['a begins'])
    a.end()
    c.end()
    expect(await Promise.all([first, third])).toEqual(['a', 'c'])
    expect(log).not.toContain('b begins')
  })

  it('continues after a failure', async () => {
    const queue = new Queue()
    const failing = queue.run(() => Promise.reject(new Error('broken')))
    const next = queue.run(async () => 'next')
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toBe('next')
  })

  it('does not begin for a signal that has fired', async () => {
    const queue = new Queue()
    await expect(queue.run(async () => expect.unreachable(), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(await queue.run(async () => 1)).toBe(1)
  })
})

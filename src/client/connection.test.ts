import { afterEach, describe, expect, it } from 'vitest'
import { exposeListener, openListener, type RemoteListener } from '../bridge/listener'
import { ChannelWorker } from '../bridge/testing/channel-worker'
import { EngineError } from '../errors'
import { Connection } from './connection'

const workers: ChannelWorker[] = []
afterEach(() => {
  for (const worker of workers.splice(0)) worker.terminate()
})

function connect(api: object) {
  const worker = new ChannelWorker(api)
  workers.push(worker)
  return { worker, connection: new Connection(worker as unknown as Worker) }
}

/** Calls `work(id)` of the exposed object. */
function work(connection: Connection, signal?: AbortSignal): Promise<unknown> {
  return connection.call(signal, (api, id) => (api as unknown as { work(id: number): Promise<unknown> }).work(id))
}

const never = new Promise(() => {})

describe('Connection', () => {
  it('returns results, and errors with their name and message', async () => {
    const { connection } = connect({ work: (id: number) => id })
    expect(await work(connection)).toBe(0)
    expect(await work(connection)).toBe(1)
    const failing = connect({
      work() {
        throw new EngineError('CorruptFile', 'wrong bytes')
      },
    })
    const error = await work(failing.connection).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({ name: 'CorruptFile', message: 'wrong bytes' })
  })

  it('rejects everything under way when the worker crashes, and what comes later', async () => {
    const { worker, connection } = connect({ work: () => never })
    const calls = [work(connection), work(connection)]
    worker.crash('out of memory')
    for (const call of [...calls, work(connection)]) {
      await expect(call).rejects.toMatchObject({
        name: 'WorkerCrashed',
        message: expect.stringContaining('out of memory'),
      })
    }
    expect(worker.terminated).toBe(true)
  })

  it('rejects everything under way when it is ended', async () => {
    const { worker, connection } = connect({ work: () => never })
    const call = work(connection)
    connection.end()
    connection.end()
    await expect(call).rejects.toMatchObject({ name: 'Disposed' })
    await expect(work(connection)).rejects.toMatchObject({ name: 'Disposed' })
    expect(worker.terminated).toBe(true)
  })

  it('cancels by number and settles when the work has stopped', async () => {
    const stops = new Map<number, (error: Error) => void>()
    const { connection } = connect({
      work: (id: number) => new Promise((_, reject) => stops.set(id, reject)),
      cancel: (id: number) => stops.get(id)?.(new EngineError('AbortError', 'Stopped.')),
    })
    const controller = new AbortController()
    const other = work(connection)
    const call = work(connection, controller.signal)
    controller.abort('enough')
    await expect(call).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    await expect(work(connection, controller.signal)).rejects.toMatchObject({ name: 'AbortError' })
    stops.get(0)?.(new EngineError('ModelFailed', 'Not cancelled.'))
    await expect(other).rejects.toMatchObject({ name: 'ModelFailed' })
  })

  it('delivers all events of a call before its result', async () => {
    const { connection } = connect({
      async work(_: number, onEvent: RemoteListener<number>) {
        const listener = openListener(onEvent)
        for (let i = 0; i < 20; i++) listener.call?.(i)
        await listener.close()
        return 'done'
      },
    })
    const seen: number[] = []
    const listener = exposeListener<number>(
      (i) => seen.push(i),
      new AbortController().signal,
      () => expect.unreachable(),
    )
    const call = connection.call(undefined, (api, id) =>
      (api as unknown as { work(id: number, listener: unknown): Promise<string> }).work(id, listener),
    )
    expect(await call).toBe('done')
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('waits at the end for listeners that are slow', async () => {
    let received = 0
    const listener = openListener<number>(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      received++
    })
    listener.call?.(1)
    listener.call?.(2)
    await listener.close()
    expect(received).toBe(2)
    expect(openListener(undefined).call).toBeUndefined()
  })

  it('reports a listener that throws, and nothing once its signal has fired', () => {
    const errors: unknown[] = []
    const { signal } = new AbortController()
    const controller = new AbortController()
    const throwing = (callSignal: AbortSignal) =>
      exposeListener<number>(
        () => {
          throw new TypeError('mine')
        },
        callSignal,
        (error) => errors.push(error),
      )
    throwing(signal)?.(1)
    throwing(controller.signal)?.(1)
    expect(errors).toHaveLength(2)
    controller.abort()
    throwing(controller.signal)?.(1)
    expect(errors).toEqual([expect.objectContaining({ message: 'mine' }), expect.anything()])
    expect(exposeListener(undefined, signal, () => {})).toBeUndefined()
  })

  it('does not hand over a result that its caller has cancelled meanwhile', async () => {
    const controller = new AbortController()
    const { connection } = connect({
      work(id: number) {
        controller.abort('too late for the worker')
        return id
      },
      cancel: () => {},
    })
    await expect(work(connection, controller.signal)).rejects.toMatchObject({ name: 'AbortError' })
  })
})

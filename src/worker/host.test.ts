import { afterEach, describe, expect, it } from 'vitest'
import { EngineError } from '../errors'
import type { ModelInfo } from '../manifest'
import { Connection } from './connection'
import { drawDespiteLoss, Host, type LoadedWorker, type Opening } from './host'
import { ChannelWorker } from './testing/channel-worker'

const workers: ChannelWorker[] = []
afterEach(() => {
  for (const worker of workers.splice(0)) worker.terminate()
})

function connect(): Connection {
  const worker = new ChannelWorker({})
  workers.push(worker)
  return new Connection(worker as unknown as Worker)
}

/** A host whose first worker is number 0; the fresh ones load when `finish` is called, or fail with what it is given. */
function setUp() {
  const loadings: { finish(error?: Error): void }[] = []
  const asLoaded = (connection: Connection): LoadedWorker => ({
    connection,
    model: { name: `worker ${workers.length - 1}` } as ModelInfo,
    backend: { name: 'wasm', reason: '' },
    stored: true,
  })
  const open = (): Opening => {
    const connection = connect()
    const loaded = new Promise<LoadedWorker>((resolve, reject) =>
      loadings.push({ finish: (error) => (error ? reject(error) : resolve(asLoaded(connection))) }),
    )
    return { connection, loaded }
  }
  return { host: new Host(asLoaded(connect()), open), loadings }
}

const lost = () => new EngineError('DeviceLost', 'gone')

describe('Host', () => {
  it('loads one fresh worker for all who ask after a crash', async () => {
    const { host, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const asked = [host.worker(), host.worker()]
    expect(loadings).toHaveLength(1)
    loadings[0]?.finish()
    const [one, other] = await Promise.all(asked)
    expect(one).toBe(other)
    expect(host.last.model.name).toBe('worker 1')
    expect(await host.worker()).toBe(one)
  })

  it('lets one who waits leave without ending the loading for the others', async () => {
    const { host, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const leaving = new AbortController()
    const left = host.worker(leaving.signal)
    const stayed = host.worker()
    leaving.abort()
    await expect(left).rejects.toMatchObject({ name: 'AbortError' })
    loadings[0]?.finish()
    expect((await stayed).model.name).toBe('worker 1')
  })

  it('tries again after a loading that failed', async () => {
    const { host, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const first = host.worker()
    loadings[0]?.finish(new EngineError('DownloadFailed', 'no network'))
    await expect(first).rejects.toMatchObject({ name: 'DownloadFailed' })
    const second = host.worker()
    loadings[1]?.finish()
    expect((await second).connection.ended).toBeUndefined()
  })

  it('ends the worker that is loading when it is disposed', async () => {
    const { host, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const asked = host.worker()
    host.dispose()
    expect(workers[1]?.terminated).toBe(true)
    loadings[0]?.finish(new EngineError('Disposed', 'the call was rejected'))
    await expect(asked).rejects.toMatchObject({ name: 'Disposed' })
    await expect(host.worker()).rejects.toMatchObject({ name: 'Disposed' })
  })
})

describe('drawDespiteLoss', () => {
  it('draws again on a fresh worker, once', async () => {
    const { host, loadings } = setUp()
    const told: string[] = []
    const drawn = drawDespiteLoss(
      host,
      undefined,
      async ({ model }) => {
        if (model.name === 'worker 0') throw lost()
        return model.name
      },
      ({ message }) => {
        told.push(message)
        queueMicrotask(() => loadings[0]?.finish())
      },
    )
    expect(await drawn).toBe('worker 1')
    expect(told).toEqual(['gone'])
    expect(workers[0]?.terminated).toBe(true)
  })

  it('gives up at the second loss, and the next call finds a fresh worker', async () => {
    const { host, loadings } = setUp()
    let draws = 0
    const drawn = drawDespiteLoss(
      host,
      undefined,
      async () => {
        draws++
        throw lost()
      },
      () => queueMicrotask(() => loadings[0]?.finish()),
    )
    await expect(drawn).rejects.toMatchObject({ name: 'DeviceLost' })
    expect(draws).toBe(2)
    const next = host.worker()
    loadings[1]?.finish()
    expect((await next).model.name).toBe('worker 2')
  })

  it('leaves other failures alone', async () => {
    const { host, loadings } = setUp()
    const failing = async () => {
      throw new EngineError('ModelFailed', 'wrong shape')
    }
    await expect(drawDespiteLoss(host, undefined, failing, () => {})).rejects.toMatchObject({ name: 'ModelFailed' })
    expect(loadings).toHaveLength(0)
    expect(host.last.connection.ended).toBeUndefined()
  })
})

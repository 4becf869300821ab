import { afterEach, describe, expect, it } from 'vitest'
import { ChannelWorker } from '../bridge/testing/channel-worker'
import { EngineError } from '../errors'
import type { ModelInfo } from '../manifest'
import { Connection } from './connection'
import { type LoadedWorker, type Opening, retryOnDeviceLoss, WorkerSupervisor } from './worker-supervisor'

const workers: ChannelWorker[] = []
afterEach(() => {
  for (const worker of workers.splice(0)) worker.terminate()
})

function connect(): Connection {
  const worker = new ChannelWorker({})
  workers.push(worker)
  return new Connection(worker as unknown as Worker)
}

/** A supervisor whose first worker is number 0; the fresh ones load when `finish` is called, or fail with what it is given. */
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
  return { supervisor: new WorkerSupervisor(asLoaded(connect()), open), loadings }
}

const lost = () => new EngineError('DeviceLost', 'gone')

describe('WorkerSupervisor', () => {
  it('loads one fresh worker for all who ask after a crash', async () => {
    const { supervisor, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const asked = [supervisor.worker(), supervisor.worker()]
    expect(loadings).toHaveLength(1)
    loadings[0]?.finish()
    const [one, other] = await Promise.all(asked)
    expect(one).toBe(other)
    expect(supervisor.last.model.name).toBe('worker 1')
    expect(await supervisor.worker()).toBe(one)
  })

  it('lets one who waits leave without ending the loading for the others', async () => {
    const { supervisor, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const leaving = new AbortController()
    const left = supervisor.worker(leaving.signal)
    const stayed = supervisor.worker()
    leaving.abort()
    await expect(left).rejects.toMatchObject({ name: 'AbortError' })
    loadings[0]?.finish()
    expect((await stayed).model.name).toBe('worker 1')
  })

  it('tries again after a loading that failed', async () => {
    const { supervisor, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const first = supervisor.worker()
    loadings[0]?.finish(new EngineError('DownloadFailed', 'no network'))
    await expect(first).rejects.toMatchObject({ name: 'DownloadFailed' })
    const second = supervisor.worker()
    loadings[1]?.finish()
    expect((await second).connection.ended).toBeUndefined()
  })

  it('ends the worker that is loading when it is disposed', async () => {
    const { supervisor, loadings } = setUp()
    workers[0]?.crash('out of memory')
    const asked = supervisor.worker()
    supervisor.dispose()
    expect(workers[1]?.terminated).toBe(true)
    loadings[0]?.finish(new EngineError('Disposed', 'the call was rejected'))
    await expect(asked).rejects.toMatchObject({ name: 'Disposed' })
    await expect(supervisor.worker()).rejects.toMatchObject({ name: 'Disposed' })
  })
})

describe('retryOnDeviceLoss', () => {
  it('draws again on a fresh worker, once', async () => {
    const { supervisor, loadings } = setUp()
    const reported: string[] = []
    const drawn = retryOnDeviceLoss(
      supervisor,
      undefined,
      async ({ model }) => {
        if (model.name === 'worker 0') throw lost()
        return model.name
      },
      ({ message }) => {
        reported.push(message)
        queueMicrotask(() => loadings[0]?.finish())
      },
    )
    expect(await drawn).toBe('worker 1')
    expect(reported).toEqual(['gone'])
    expect(workers[0]?.terminated).toBe(true)
  })

  it('gives up at the second loss, and the next call finds a fresh worker', async () => {
    const { supervisor, loadings } = setUp()
    let draws = 0
    const drawn = retryOnDeviceLoss(
      supervisor,
      undefined,
      async () => {
        draws++
        throw lost()
      },
      () => queueMicrotask(() => loadings[0]?.finish()),
    )
    await expect(drawn).rejects.toMatchObject({ name: 'DeviceLost' })
    expect(draws).toBe(2)
    const next = supervisor.worker()
    loadings[1]?.finish()
    expect((await next).model.name).toBe('worker 2')
  })

  it('leaves other failures alone', async () => {
    const { supervisor, loadings } = setUp()
    const failing = async () => {
      throw new EngineError('ModelFailed', 'wrong shape')
    }
    await expect(retryOnDeviceLoss(supervisor, undefined, failing, () => {})).rejects.toMatchObject({
      name: 'ModelFailed',
    })
    expect(loadings).toHaveLength(0)
    expect(supervisor.last.connection.ended).toBeUndefined()
  })
})

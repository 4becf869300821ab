import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors'
import { DeviceLossGuard } from './device-loss'

function setUp() {
  let lose = (_: GPUDeviceLostInfo): void => {}
  const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    lose = resolve
  })
  const info = { message: 'driver reset', reason: 'unknown' } as GPUDeviceLostInfo
  const guard = new DeviceLossGuard()
  return { guard, unwatch: guard.watch({ lost }), lose: () => lose(info) }
}

const never = () => new Promise<never>(() => {})

describe('DeviceLossGuard', () => {
  it('lets work through while the device is there', async () => {
    const { guard } = setUp()
    expect(await guard.run(async () => 7)).toBe(7)
    const wrong = new EngineError('InvalidSeed', 'wrong')
    await expect(guard.run(() => Promise.reject(wrong))).rejects.toBe(wrong)
  })

  it('ends work that would never end, and what is asked for later', async () => {
    const { guard, lose } = setUp()
    const works = [guard.run(never), guard.run(never)]
    lose()
    for (const work of [...works, guard.run(never)]) {
      await expect(work).rejects.toMatchObject({ name: 'DeviceLost', message: expect.stringContaining('driver reset') })
    }
  })

  it('takes a failure just before the loss for the loss', async () => {
    const { guard, lose } = setUp()
    const work = guard.run(() => Promise.reject(new EngineError('ModelFailed', 'mapAsync failed')))
    setTimeout(lose, 20)
    await expect(work).rejects.toMatchObject({ name: 'DeviceLost' })
  })

  it('does not hear of a device that is watched no more, and of the next one it does', async () => {
    const { guard, unwatch, lose } = setUp()
    unwatch()
    lose()
    expect(await guard.run(async () => 7)).toBe(7)
    guard.watch({ lost: Promise.resolve({ message: 'driver reset', reason: 'unknown' } as GPUDeviceLostInfo) })
    await expect(guard.run(never)).rejects.toMatchObject({ name: 'DeviceLost' })
  })

  it('passes on a failure without a loss', async () => {
    const { guard } = setUp()
    const work = guard.run(() => Promise.reject(new EngineError('ModelFailed', 'wrong shape')))
    await expect(work).rejects.toMatchObject({ name: 'ModelFailed', message: 'wrong shape' })
  })
})

import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors'
import { LossWatch } from './loss'

function setUp() {
  let lose = (_: GPUDeviceLostInfo): void => {}
  const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    lose = resolve
  })
  const info = { message: 'driver reset', reason: 'unknown' } as GPUDeviceLostInfo
  return { watch: new LossWatch({ lost }), lose: () => lose(info) }
}

const never = () => new Promise<never>(() => {})

describe('LossWatch', () => {
  it('lets work through while the device is there', async () => {
    const { watch } = setUp()
    expect(await watch.guard(async () => 7)).toBe(7)
    const wrong = new EngineError('InvalidSeed', 'wrong')
    await expect(watch.guard(() => Promise.reject(wrong))).rejects.toBe(wrong)
  })

  it('ends work that would never end, and what is asked for later', async () => {
    const { watch, lose } = setUp()
    const works = [watch.guard(never), watch.guard(never)]
    lose()
    for (const work of [...works, watch.guard(never)]) {
      await expect(work).rejects.toMatchObject({ name: 'DeviceLost', message: expect.stringContaining('driver reset') })
    }
  })

  it('takes a failure just before the loss for the loss', async () => {
    const { watch, lose } = setUp()
    const work = watch.guard(() => Promise.reject(new EngineError('ModelFailed', 'mapAsync failed')))
    setTimeout(lose, 20)
    await expect(work).rejects.toMatchObject({ name: 'DeviceLost' })
  })

  it('tells a failure without a loss as it is', async () => {
    const { watch } = setUp()
    const work = watch.guard(() => Promise.reject(new EngineError('ModelFailed', 'wrong shape')))
    await expect(work).rejects.toMatchObject({ name: 'ModelFailed', message: 'wrong shape' })
  })
})

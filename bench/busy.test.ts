import { expect, it } from 'vitest'
import { busyBetween, refuseBusy } from './busy'

const cpu = (idle: number, user: number) => ({ times: { idle, user, nice: 0, sys: 0, irq: 0 } })

it('is the part of all processors that was not idle in between', () => {
  expect(busyBetween([cpu(100, 900), cpu(0, 0)], [cpu(200, 900), cpu(60, 40)])).toBeCloseTo(40 / 200)
})

it('refuses a busy machine and says by how much', () => {
  expect(() => refuseBusy(0.1)).not.toThrow()
  expect(() => refuseBusy(0.42)).toThrow(/others take 42% .* Nothing was written/)
})

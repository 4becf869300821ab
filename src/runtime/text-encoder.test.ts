import { expect, it } from 'vitest'
import { loadOrt, type Session } from './ort'
import { OrtTextEncoder } from './text-encoder'

it('frees every output when one of them cannot be read', async () => {
  const ort = await loadOrt()
  const freed: string[] = []
  const tensor = (name: string, getData: () => Promise<Float32Array>) => ({
    ...{ type: 'float32', dims: [1, 2], getData },
    dispose: () => void freed.push(name),
  })
  const outputs = {
    states: tensor('states', async () => Float32Array.of(1, 2)),
    pooled: tensor('pooled', () => Promise.reject(new Error('the device was lost'))),
    later: tensor('later', async () => Float32Array.of(1, 2)),
  }
  const session = { run: async () => outputs } as unknown as Session
  const names = { states: 'states', pooled: 'pooled', later: 'later' }
  const encoder = new OrtTextEncoder(ort, session, { ids: 'ids', outputs: names })
  await expect(encoder.encode([1, 2], [1, 1])).rejects.toThrow('the device was lost')
  expect(freed.sort()).toEqual(['later', 'pooled', 'states'])
})

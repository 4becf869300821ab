import { describe, expect, it } from 'vitest'
import { ConditioningCache } from './conditioning-cache'
import type { Conditioning } from './types'

function conditioning(floats: number): Conditioning {
  return { tensors: { text: { dims: [1, floats], data: new Float32Array(floats) } }, tokens: 1, warnings: [] }
}

describe('ConditioningCache', () => {
  it('keeps the prompts that were used last', () => {
    const cache = new ConditioningCache()
    for (let i = 0; i < 32; i++) cache.set(`prompt ${i}`, conditioning(1))
    expect(cache.get('prompt 0')).toBeDefined()
    cache.set('one more', conditioning(1))
    expect(cache.get('prompt 0')).toBeDefined()
    expect(cache.get('prompt 1')).toBeUndefined()
    expect(cache.get('prompt 31')).toBeDefined()
  })

  it('keeps 64 MB at most, and always the newest', () => {
    const cache = new ConditioningCache()
    cache.set('a', conditioning(8_000_000))
    cache.set('b', conditioning(8_000_000))
    expect(cache.get('a')).toBeDefined()
    cache.set('c', conditioning(1))
    expect(cache.get('b')).toBeUndefined()
    cache.set('huge', conditioning(20_000_000))
    expect(cache.get('huge')).toBeDefined()
    expect(cache.get('a')).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { fileName } from './picture'
import { bytes, counted, duration } from './words'

describe('numbers as people read them', () => {
  it.each([
    [350, '350 bytes'],
    [466_247, '466 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [26_781_910, '26.8 MB'],
    [10_800_000_000, '10.8 GB'],
  ])('%d bytes: %s', (count, words) => {
    expect(bytes(count)).toBe(words)
  })

  it.each([
    [0.04, '0.0 ms'],
    [9.949, '9.9 ms'],
    [9.96, '10 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [12_345, '12.35 s'],
  ])('%d milliseconds: %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })

  it('counts one and many', () => {
    expect([counted(0, 'scale'), counted(1, 'scale'), counted(2, 'scale')]).toEqual(['0 scales', '1 scale', '2 scales'])
  })
})

describe('the name of a saved picture', () => {
  it.each([
    ['A red apple!', 7n, 'a-red-apple-7'],
    ['  Café ☕ crème ', 0n, 'cafe-creme-0'],
    ['../..', 3n, 'picture-3'],
    ['', 2n ** 64n - 1n, 'picture-18446744073709551615'],
  ])('%s with seed %d: %s', (prompt, seed, name) => {
    expect(fileName(prompt, seed)).toBe(name)
  })
})

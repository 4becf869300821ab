import { describe, expect, it } from 'vitest'
import type { Picture } from '../../../index'
import type { Drawn } from '../easel'
import { differences, pixelWords } from './differences'

const names = { style: (id: string) => id || 'As written', schedule: (name: string) => `${name}: 4 steps` }

function drawn(change: { style?: string; seed?: bigint; strength?: number } = {}): Drawn {
  const { style = '', seed = 7n, strength } = change
  const image = plain(255)
  return {
    recipe: { prompt: 'a red apple', style, seed, schedule: 'default', count: 1 },
    result: { seed, timings: { total: 1234 } } as Drawn['result'],
    scales: [{ size: [8, 8] }, { size: [16, 16] }] as unknown as Drawn['scales'],
    ...(strength && { start: { image, strength } }),
    model: 'Emoji nano 0.12.0',
  }
}

/** Black of this alpha, one row of 200 pixels; the first ones of another. */
function plain(alpha: number, changed = 0, other = 0): Picture {
  const data = new Uint8ClampedArray(800)
  for (let pixel = 0; pixel < 200; pixel++) data[4 * pixel + 3] = pixel < changed ? other : alpha
  return { width: 200, height: 1, data }
}

describe('what two pictures were drawn with', () => {
  it('stands side by side, the same and the other', () => {
    const rows = differences(drawn(), drawn({ style: 'flat', seed: 8n, strength: 0.9 }), names)
    const differing = rows.filter(({ left, right }) => left !== right)
    expect(differing).toEqual([
      { name: 'Style', left: 'As written', right: 'flat' },
      { name: 'Seed', left: '7', right: '8' },
      { name: 'Begins from', left: 'noise', right: 'a picture, σ 0.9' },
    ])
    expect(rows.find(({ name }) => name === 'Scales drawn')?.left).toBe('8, 16')
  })

  it('has dashes for a picture that is not chosen yet', () => {
    expect(differences(drawn(), undefined, names).every(({ right }) => right === '–')).toBe(true)
  })
})

describe('how much of the square differs', () => {
  it.each([
    ['nothing', plain(255), plain(255), 'The same picture, to the pixel.'],
    ['less than an eye sees', plain(255), plain(250), 'Colours differ in less than 1% of the square.'],
    ['half, which is transparent', plain(255), plain(255, 100), 'Colours differ in 50% of the square.'],
    ['their sizes', plain(255), { ...plain(255), height: 2 }, 'One has 200 × 1 pixels, the other 200 × 2.'],
  ])('%s', (_, left, right, words) => {
    expect(pixelWords(left, right)).toBe(words)
  })
})

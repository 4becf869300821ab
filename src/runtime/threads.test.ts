import { expect, it } from 'vitest'
import { chooseThreads, payingThreads } from './threads'

it.each([
  [false, 8, 1],
  [true, 1, 1],
  [true, 2, 2],
  [true, 3, 2],
  [true, 4, 3],
  [true, 8, 4],
  [true, 64, 4],
])('isolated %s, %i cores: %i threads', (isolated, cores, threads) => {
  expect(payingThreads(isolated, cores)).toBe(threads)
})

it('a runtime in a folder of another origin has one thread, wherever it runs', () => {
  const wasm = { numThreads: 8, wasmPaths: 'https://cdn.example/ort/' }
  expect(chooseThreads({ env: { wasm } } as never)).toBe(1)
  expect(wasm.numThreads).toBe(1)
})

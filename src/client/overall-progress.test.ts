import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EngineProgress } from '../types'
import { type OverallProgress, overallProgress } from './overall-progress'

const download = (file: string, loaded: number, total: number): EngineProgress => ({
  ...{ stage: 'download', file, loaded, total, source: 'network' },
})
const compile = (index: number, count: number): EngineProgress => ({ stage: 'compile', file: 'a.onnx', index, count })
const retry: EngineProgress = { stage: 'retry', file: 'a', attempt: 1, limit: 5, delayMs: 9, reason: 'lost' }
const ready: EngineProgress = { stage: 'ready', backend: { name: 'wasm', reason: '' } }

function after(events: readonly EngineProgress[]): OverallProgress[] {
  const told: OverallProgress[] = []
  const listen = overallProgress((progress) => told.push(progress))
  for (const event of events) listen(event)
  return told
}

it('counts the bytes of all files, then sessions, and ends at 1', () => {
  const told = after([
    ...[download('a', 0, 30), download('onnxruntime-web (wasm)', 0, 10)],
    ...[download('a', 10, 30), retry, download('a', 30, 30), compile(0, 2)],
    ...[download('onnxruntime-web (wasm)', 10, 10), compile(1, 2), ready],
  ])
  expect(told.map(({ fraction }) => fraction)).toEqual([0, 0, 0.2, 0.2, 0.6, 0.6, 0.8, 0.9, 1].map(closeTo))
  expect(told.map(({ doing }) => doing)).toEqual([
    ...['downloading', 'downloading', 'downloading', 'waiting', 'downloading', 'downloading', 'preparing', 'preparing'],
    'ready',
  ])
  expect(told.at(-1)).toMatchObject({ loadedBytes: 40, totalBytes: 40 })
})

it('passes over what comes after the end, and over what is no step of loading', () => {
  expect(after([ready, download('b', 0, 9), { stage: 'denoise' }])).toHaveLength(1)
  expect(after([{ stage: 'text' }, { stage: 'warning', message: '' }])).toEqual([])
  expect(after([download('a', 1, 1), { stage: 'preloaded' }]).at(-1)).toMatchObject({ fraction: 1, doing: 'ready' })
})

it('never falls and stays within 0 and 1, whatever is told', () => {
  const bytes = fc.nat(50)
  const event = fc.oneof(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c'), bytes, bytes)
      .map(([file, loaded, more]) => download(file, loaded, loaded + more)),
    fc.nat(3).map((index) => compile(index, 4)),
    fc.constant(retry),
  )
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const fractions = after(events).map(({ fraction }) => fraction)
      for (const [i, fraction] of fractions.entries()) {
        expect(fraction).toBeGreaterThanOrEqual(fractions[i - 1] ?? 0)
        expect(fraction).toBeLessThanOrEqual(1)
      }
    }),
  )
})

function closeTo(value: number): number {
  return expect.closeTo(value, 9) as number
}

import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors'
import type { GenerateResult, ScaleEvent } from '../types'
import { scaleStream } from './stream'

const result = { seed: 7n } as GenerateResult

function event(index: number): ScaleEvent {
  return { index, count: 3, size: [8, 8], sigma: 1, ms: 1, previews: [] }
}

/** Draws three scales, one a millisecond, unless it is stopped. */
async function draw(onScale: (event: ScaleEvent) => void, signal: AbortSignal): Promise<GenerateResult> {
  for (const index of [0, 1, 2]) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (signal.aborted) throw new EngineError('AbortError', 'Stopped.', { cause: signal.reason })
    onScale(event(index))
  }
  return result
}

describe('scaleStream', () => {
  it('yields every scale and ends with the result', async () => {
    const stream = scaleStream(draw)
    const seen: number[] = []
    for await (const { index } of stream) seen.push(index)
    expect(seen).toEqual([0, 1, 2])
    expect(await stream.result).toBe(result)
    const byHand = scaleStream(draw)
    for (let i = 0; i < 3; i++) await byHand.next()
    expect(await byHand.next()).toEqual({ done: true, value: result })
  })

  it('keeps scales for a slow reader', async () => {
    const stream = scaleStream(draw)
    await stream.result
    const seen: number[] = []
    for await (const { index } of stream) seen.push(index)
    expect(seen).toEqual([0, 1, 2])
  })

  it('cancels when the loop is left, and waits until it has stopped', async () => {
    let stopped = false
    const stream = scaleStream((onScale, signal) => draw(onScale, signal).finally(() => (stopped = true)))
    for await (const { index } of stream) if (index === 0) break
    expect(stopped).toBe(true)
    await expect(stream.result).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('passes the caller’s signal and errors on, after the scales that were drawn', async () => {
    const controller = new AbortController()
    const stream = scaleStream(draw, controller.signal)
    const seen: number[] = []
    const reading = (async () => {
      for await (const { index } of stream) {
        seen.push(index)
        if (index === 1) controller.abort('enough')
      }
    })()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    expect(seen).toEqual([0, 1])
  })
})

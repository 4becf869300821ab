import { describe, expect, it } from 'vitest'

describe('the public entry', () => {
  it('can be imported where there is no browser, and does nothing by itself', async () => {
    expect('Worker' in globalThis || 'document' in globalThis || 'indexedDB' in globalThis).toBe(false)
    const entry = await import('./index')
    expect(Object.keys(entry).sort()).toEqual([
      'EngineError',
      'createEngine',
      'deleteModel',
      'isEngineError',
      'listModels',
      'modelSize',
      'overallProgress',
      'preload',
      'probe',
      'verifyModel',
    ])
  })

  it('probes to the end: impossible here, and says why', async () => {
    const { probe } = await import('./index')
    const { verdict, reasons, backend } = await probe()
    expect(verdict).toBe('impossible')
    expect(backend).toBeUndefined()
    expect(reasons).toEqual([expect.stringContaining('no web workers')])
    await expect(probe({ model: 'relative' })).rejects.toMatchObject({ name: 'InvalidRequest' })
  })

  it('refuses by name what it cannot do there', async () => {
    const { createEngine } = await import('./index')
    const model = 'https://models.example/tiny'
    await expect(createEngine({ model })).rejects.toMatchObject({
      name: 'WorkerCrashed',
      message: expect.stringContaining('needs a browser'),
    })
    await expect(createEngine({ model: 'relative' })).rejects.toMatchObject({ name: 'InvalidRequest' })
    await expect(createEngine({ model, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

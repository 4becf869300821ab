import { afterEach, describe, expect, it, vi } from 'vitest'
import { create, globals } from 'webgpu'
import { unmet } from '../requirements'
import { chooseBackend, isSoftware } from './device'

Object.assign(globalThis, globals)
/** Dawn on the software adapter that the kernel tests use too; kept, as its devices live only as long. */
const gpu = create([])
const none = { features: [], limits: {} }

function withGpu(value: unknown): void {
  vi.stubGlobal('navigator', { gpu: value })
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('chooseBackend', () => {
  it('takes WASM when asked, without looking for a GPU', async () => {
    withGpu({ requestAdapter: () => expect.unreachable() })
    expect(await chooseBackend('wasm', none)).toEqual({
      report: { name: 'wasm', reason: expect.stringContaining('asked') },
    })
  })

  it.each([
    ['no WebGPU', undefined],
    ['no usable GPU', { requestAdapter: async () => null }],
  ])('with %s takes WASM, saying so, or refuses', async (words, value) => {
    withGpu(value)
    const { report, device } = await chooseBackend('auto', none)
    expect(report).toEqual({ name: 'wasm', reason: expect.stringContaining(words) })
    expect(device).toBeUndefined()
    await expect(chooseBackend('webgpu', none)).rejects.toMatchObject({
      name: 'NoWebGPU',
      message: expect.stringMatching(/WASM backend\.$/),
    })
  })

  it('leaves a software adapter aside unless WebGPU was asked for', async () => {
    withGpu(gpu)
    expect((await chooseBackend('auto', none)).report).toEqual({
      name: 'wasm',
      reason: expect.stringContaining('software adapter'),
    })
    const { report, device } = await chooseBackend('webgpu', none)
    expect(report.name).toBe('webgpu')
    // Above WebGPU's default of 128 MiB: the limits were raised to the adapter's.
    expect(device?.limits.maxStorageBufferBindingSize).toBeGreaterThan(2 ** 27)
    device?.destroy()
  })

  it('names what a model requires and the GPU lacks', async () => {
    withGpu(gpu)
    const requires = { features: ['no-such-feature'], limits: { maxBufferSize: 2 ** 60 } }
    for (const words of ['no-such-feature', 'maxBufferSize']) {
      expect((await chooseBackend('auto', requires)).report.reason).toContain(words)
      await expect(chooseBackend('webgpu', requires)).rejects.toThrow(words)
    }
  })

  it('refuses a backend that does not exist', async () => {
    await expect(chooseBackend('cuda' as never, none)).rejects.toMatchObject({ name: 'InvalidRequest' })
  })
})

describe('isSoftware', () => {
  const info = { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false }
  it.each([
    [{ vendor: 'google', architecture: 'swiftshader' }, true],
    [{ vendor: 'mesa', description: 'llvmpipe (LLVM 19)' }, true],
    [{ vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }, true],
    [{ isFallbackAdapter: true }, true],
    [{ vendor: 'nvidia', architecture: 'ampere' }, false],
    [{ vendor: 'apple', architecture: 'metal-3' }, false],
    [{}, false],
  ])('%o: %s', (some, software) => {
    expect(isSoftware({ ...info, ...some } as unknown as GPUAdapterInfo)).toBe(software)
  })
})

describe('unmet', () => {
  it('compares features and limits', () => {
    const adapter = { features: new Set(['shader-f16']), limits: { maxBufferSize: 100 } } as unknown as GPUAdapter
    expect(unmet(adapter, { features: ['shader-f16'], limits: { maxBufferSize: 100 } })).toEqual([])
    expect(unmet(adapter, { features: ['subgroups'], limits: { maxBufferSize: 101, maxStorage: 1 } })).toEqual([
      'subgroups',
      'maxBufferSize ≥ 101',
      'maxStorage ≥ 1',
    ])
  })
})

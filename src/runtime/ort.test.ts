import { afterEach, describe, expect, it, vi } from 'vitest'
import { chooseBuild } from './builds'
import { createSession, type Execution, loadOrt, type Ort, run, type Session } from './ort'

afterEach(() => void vi.unstubAllGlobals())

describe('ONNX Runtime', () => {
  it('loads once, on one thread', async () => {
    const ort = await loadOrt()
    expect(await loadOrt()).toBe(ort)
    expect(ort.env.wasm.numThreads).toBe(1)
  })

  it('names the file that is no model, and continues with the next', async () => {
    const ort = await loadOrt()
    const bytes = new Uint8Array([1, 2, 3])
    const failures = ['a.onnx', 'b.onnx'].map((file) => createSession(ort, file, bytes, { name: 'wasm' }))
    const [a, b] = await Promise.allSettled(failures)
    expect(a).toMatchObject({ reason: { name: 'ModelFailed', message: expect.stringContaining('a.onnx') } })
    expect(b).toMatchObject({ reason: { name: 'ModelFailed', message: expect.stringContaining('b.onnx') } })
  })

  it.each([
    ['RangeError: Array buffer allocation failed', true],
    ['RangeError: WebAssembly.Memory.grow(): Maximum memory size exceeded', true],
    ["Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc", true],
    ['Failed to allocate memory for requested buffer of size 2147483648', true],
    ['RuntimeError: Aborted(OOM). Build with -sASSERTIONS for more info.', true],
    ['Error: Out of memory', true],
    ['op_kernel.cc:83 INVALID_ARGUMENT : Tensor shape is too large', true],
    ['Buffer size (4294967296) exceeds the max buffer size limit (268435456).', true],
    ['Binding size (2147483648) of [Buffer] is larger than the maximum storage buffer binding size (134217728).', true],
    ['OperationError: mapAsync failed', false],
    ['RuntimeError: memory access out of bounds', false],
    ['No opset import for domain room.bloom', false],
  ])('tells lack of memory from other failures: %s', async (cause, memory) => {
    const ort = { InferenceSession: { create: () => Promise.reject(cause) } } as unknown as Ort
    const error = await createSession(ort, 'a.onnx', new Uint8Array(), { name: 'wasm' }).catch(({ message }) => message)
    expect(String(error).includes('not enough memory')).toBe(memory)
  })

  it.each([
    ['basic', { name: 'wasm' }, undefined],
    ['all', { name: 'webgpu', device: {} }, undefined],
    ['disabled', { name: 'wasm' }, 'disabled'],
  ] as const)('optimises a graph at level %s', async (level, execution, asked) => {
    const create = vi.fn(async () => ({}))
    const ort = { InferenceSession: { create } } as unknown as Ort
    await createSession(ort, 'a.onnx', new Uint8Array(), execution as Execution, [], asked)
    expect(create).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ graphOptimizationLevel: level }))
  })

  it('has a build for each backend, and for each .wasm that is given by its address', () => {
    vi.stubGlobal('WebAssembly', { Suspending: class {} })
    expect(chooseBuild('wasm')).toBe('wasm')
    expect(chooseBuild('webgpu')).toBe('jspi')
    expect(chooseBuild('wasm', 'https://example.com/ort/')).toBe('wasm')
    for (const backend of ['wasm', 'webgpu'] as const) {
      expect(chooseBuild(backend, 'https://example.com/ort-wasm-simd-threaded.asyncify.wasm')).toBe('webgpu')
      expect(chooseBuild(backend, 'https://example.com/ort-wasm-simd-threaded.jspi-B2f.wasm')).toBe('jspi')
      expect(chooseBuild(backend, 'https://example.com/runtime.wasm')).toBe('webgpu')
    }
    vi.stubGlobal('WebAssembly', {})
    expect(chooseBuild('webgpu')).toBe('webgpu')
    expect(chooseBuild('wasm')).toBe('wasm')
  })

  it('refuses an output of another shape and frees it', async () => {
    const { Tensor } = await loadOrt()
    const tensor = new Tensor('float32', new Float32Array(6), [2, 3])
    const session = { run: async () => ({ velocity: tensor }) } as unknown as Session
    await expect(run(session, {}, 'velocity', [3, 2])).rejects.toMatchObject({
      name: 'ModelFailed',
      message: expect.stringContaining('2×3, expected float32 of 3×2'),
    })
    expect(() => tensor.data).toThrow()
    await expect(run(session, {}, 'x0', [3, 2])).rejects.toMatchObject({ name: 'ModelFailed' })
  })
})

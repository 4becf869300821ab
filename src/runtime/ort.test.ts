import { describe, expect, it } from 'vitest'
import { createSession, loadOrt, run, type Session } from './ort'

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

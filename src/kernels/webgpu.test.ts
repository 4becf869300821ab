import { describe, expect, it } from 'vitest'
import { compileKernel } from './compile'
import { withDevice } from './testing/dawn'
import { describeKernels } from './testing/describe-kernels'
import { createGpuKernels, type GpuLatent } from './webgpu'

describeKernels<GpuLatent>('WebGPU', (test) => withDevice(async (device) => test(await createGpuKernels(device))))

describe('GPU latents', () => {
  const shape = { batch: 1, channels: 1, height: 1, width: 3 }

  it('lie in buffers that onnxruntime-web can take', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const latent = kernels.noise(shape, { seeds: [0n], step: 0 })
      expect(latent.buffer.size).toBe(16)
      expect(latent.buffer.usage).toBe(GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST)
      expect(latent.buffer.label).toBe('noise')
      kernels.free(latent)
    }))

  it('may wrap a foreign buffer, which is released and not destroyed', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
      const buffer = device.createBuffer({ label: 'foreign', size: 64, usage })
      device.queue.writeBuffer(buffer, 0, Float32Array.from([1, 2, 3]))
      let released = 0
      const velocity = kernels.adopt(buffer, shape, () => released++)
      const latent = kernels.upload(Float32Array.from([1, 1, 1]), shape)
      const x0 = kernels.predictX0(latent, velocity, { size: [1, 3], sigma: 0.5 })
      expect([...(await kernels.read(x0))]).toEqual([0.5, 0, -0.5])
      expect(kernels.live).toBe(3)
      for (const each of [velocity, latent, x0]) kernels.free(each)
      expect([kernels.live, released]).toEqual([0, 1])
      device.queue.writeBuffer(buffer, 0, Float32Array.from([4])) // still alive, else the error scope reports it
      expect(() => kernels.adopt(buffer, { ...shape, width: 17 }, () => {})).toThrow(/16 numbers/)
      buffer.destroy()
    }))

  it('take one dispatch per step and one readback per read', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const latent = kernels.noise(shape, { seeds: [0n], step: 0 })
      expect([kernels.dispatches, kernels.readbacks]).toEqual([1, 0])
      const next = kernels.advance(
        latent,
        latent,
        { size: [1, 3], sigma: 1 },
        { size: 4, sigma: 0.5 },
        { seeds: [0n], step: 1 },
      )
      expect([kernels.dispatches, kernels.readbacks]).toEqual([2, 0])
      await kernels.read(next)
      expect([kernels.dispatches, kernels.readbacks]).toEqual([2, 1])
      kernels.free(latent)
      kernels.free(next)
    }))

  it('leave no buffer behind, uniforms and readbacks included', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const alive = new Set<GPUBuffer>()
      const create = device.createBuffer.bind(device)
      device.createBuffer = (descriptor) => {
        const buffer = create(descriptor)
        const destroy = buffer.destroy.bind(buffer)
        buffer.destroy = () => {
          alive.delete(buffer)
          return destroy()
        }
        alive.add(buffer)
        return buffer
      }
      const key = { seeds: [0n], step: 0 }
      const noise = kernels.noise(shape, key)
      const next = kernels.advance(noise, noise, { size: [1, 3], sigma: 1 }, { size: 4, sigma: 0.5 }, key)
      const rgba = kernels.preview(next, { matrix: [[1], [1], [1], [1]], bias: [0, 0, 0, 0] })
      await kernels.read(rgba)
      expect([...alive].map((buffer) => buffer.label)).toEqual(['noise', 'advance', 'preview'])
      for (const latent of [noise, next, rgba]) kernels.free(latent)
      expect(alive.size).toBe(0)
    }))

  it('may be larger than one row of workgroups', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const wide = { batch: 1, channels: 1, height: 1, width: 64 * 65_535 + 100 }
      const latent = kernels.upload(new Float32Array(wide.width).fill(3), wide)
      const x0 = kernels.predictX0(latent, latent, { size: [1, wide.width], sigma: 0.5 })
      const data = await kernels.read(x0)
      expect(data.every((value) => value === 1.5)).toBe(true)
      kernels.free(latent)
      kernels.free(x0)
    }))

  it('are refused with a named error once the device is gone', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const latent = kernels.noise(shape, { seeds: [0n], step: 0 })
      device.destroy()
      await expect(kernels.read(latent)).rejects.toMatchObject({ name: 'DeviceLost' })
      kernels.free(latent)
    }))
})

describe('A shader that does not compile', () => {
  it('is reported with line, column and source', () =>
    withDevice(async (device) => {
      const compiling = compileKernel(device, 'broken.wgsl', [
        'fn fine() {}',
        'fn broken() -> f32 {\n  return missing;\n}',
      ])
      await expect(compiling).rejects.toMatchObject({
        name: 'NoWebGPU',
        message: expect.stringMatching(/broken\.wgsl:3:10: .*missing.*\n {2}return missing;/),
      })
    }))
})

describe('What the GPU refuses', () => {
  const shape = { batch: 1, channels: 1, height: 2, width: 2 }

  it('is told by its name when the picture is read, and not by the next picture', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const latent = kernels.noise(shape, { seeds: [0n], step: 0 })
      // Outside of withDevice's error scope, where nobody else would hear of it.
      await device.popErrorScope()
      const heard = new Promise((resolve) => device.addEventListener('uncapturederror', resolve, { once: true }))
      device.createBuffer({ label: 'too large', size: 2 ** 45, usage: GPUBufferUsage.STORAGE })
      await heard
      await expect(kernels.read(latent)).rejects.toMatchObject({
        name: expect.stringMatching(/ModelFailed|OutOfMemory/),
        message: expect.stringMatching(/The GPU (refused|has not enough memory).*size/s),
      })
      kernels.free(latent)
      const next = kernels.noise(shape, { seeds: [0n], step: 0 })
      expect((await kernels.read(next)).length).toBe(4)
      kernels.free(next)
      device.pushErrorScope('validation')
    }))

  it('is told with the limit of the device that was exceeded', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      await device.popErrorScope()
      const wide = { batch: 16, channels: 4, height: 1024, width: 1024 } // 256 MiB; a device binds 128 MiB by default.
      const latent = kernels.noise(wide, { seeds: Array(16).fill(0n), step: 0 })
      const picture = kernels.upload(new Float32Array(4), shape)
      await expect(kernels.read(picture)).rejects.toMatchObject({
        name: 'ModelFailed',
        message: expect.stringMatching(/134217728/),
      })
      for (const each of [latent, picture]) kernels.free(each)
      device.pushErrorScope('validation')
      expect(kernels.live).toBe(0)
    }))

  it('is no loss: a device that reads wrongly is not called lost', () =>
    withDevice(async (device) => {
      const kernels = await createGpuKernels(device)
      const latent = kernels.noise(shape, { seeds: [0n], step: 0 })
      latent.buffer.destroy()
      await device.popErrorScope()
      await expect(kernels.read(latent)).rejects.toMatchObject({ name: 'ModelFailed' })
      kernels.free(latent)
      device.pushErrorScope('validation')
    }))
})

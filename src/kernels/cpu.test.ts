import { expect, it } from 'vitest'
import { CpuKernels } from './cpu'
import { describeKernels } from './testing/describe-kernels'

describeKernels('CPU', (test) => test(new CpuKernels()))

it('an adopted array is the latent itself, counted and freed like any other', () => {
  const kernels = new CpuKernels()
  const data = Float32Array.from([1, 2, 3, 4])
  const shape = { batch: 1, channels: 1, height: 2, width: 2 }
  const latent = kernels.adopt(data, shape)
  expect(latent.data).toBe(data)
  expect(kernels.live).toBe(1)
  kernels.free(latent)
  expect(() => kernels.adopt(data, { ...shape, width: 3 })).toThrow(/4 numbers/)
})

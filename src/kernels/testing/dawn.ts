import { create, globals } from 'webgpu'

Object.assign(globalThis, globals)

/** Kept: the adapter and its devices live only as long as this object. */
const gpu = create([])

/**
 * Runs a test on a device of its own, inside a validation error scope, and frees the device.
 * Without an adapter the test fails; it is never skipped.
 */
export async function withDevice(test: (device: GPUDevice) => Promise<void>): Promise<void> {
  const adapter = await gpu.requestAdapter()
  if (!adapter) {
    throw new Error(
      `Dawn found no WebGPU adapter (VK_DRIVER_FILES is ${process.env.VK_DRIVER_FILES ?? 'unset'}). ` +
        'Run the tests through vitest.config.ts, whose setup looks for a driver.',
    )
  }
  const device = await adapter.requestDevice({ label: 'test' })
  try {
    device.pushErrorScope('validation')
    await test(device)
    const error = await device.popErrorScope()
    if (error) throw new Error(`The GPU reported: ${error.message}`)
  } finally {
    device.destroy()
  }
}

/**
 * Runs in the engine's worker before the engine: harms it on command and measures what it holds. A real worker, a real
 * device: only the moment of the fault is chosen here.
 */

import { type Measured, ORDERS, REPLIES, type WorkerOrder, type WorkerPlan, type WorkerReply } from './worker-orders'

const plan = self.name as WorkerPlan
const state = { armed: plan === 'loseDrawing', advanced: false, buffers: 0 }
const devices = new Set<GPUDevice>()
const memories = new Set<WebAssembly.Memory>()

if (plan === 'noGpu') Object.defineProperty(navigator, 'gpu', { value: undefined })
if (plan === 'noAdapter') GPU.prototype.requestAdapter = () => Promise.resolve(null)

const { createBuffer, createCommandEncoder } = GPUDevice.prototype
const { destroy } = GPUBuffer.prototype
/** Buffers that were dropped without being destroyed. */
const collected = new FinalizationRegistry<undefined>(() => state.buffers--)

GPUDevice.prototype.createBuffer = function (descriptor) {
  devices.add(this)
  if (plan === 'loseLoading') this.destroy()
  const buffer = createBuffer.call(this, descriptor)
  state.buffers++
  collected.register(buffer, undefined, buffer)
  return buffer
}
GPUBuffer.prototype.destroy = function () {
  if (collected.unregister(this)) state.buffers--
  return destroy.call(this)
}
GPUDevice.prototype.createCommandEncoder = function (descriptor) {
  if (state.armed && state.advanced) {
    state.armed = false
    this.destroy()
  }
  state.advanced = descriptor?.label === 'advance'
  return createCommandEncoder.call(this, descriptor)
}
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor)
    memories.add(this)
  }
}

const replies = new BroadcastChannel(REPLIES)
const orders = new BroadcastChannel(ORDERS)
orders.onmessage = ({ data: { id, command } }: MessageEvent<WorkerOrder>) => {
  switch (command) {
    case 'throw':
      return reportError(new Error('injected'))
    case 'close':
      return self.close()
    case 'lose':
      for (const device of devices) device.destroy()
      break
    case 'loseDrawing':
      state.armed = true
      break
    case 'measure':
      break
    default:
      command satisfies never
  }
  replies.postMessage({ id, measured: measure() } satisfies WorkerReply)
}

function measure(): Measured {
  return { buffers: state.buffers, wasm: [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0) }
}

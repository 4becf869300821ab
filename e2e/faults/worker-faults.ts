/**
 * Runs in the engine's worker before the engine: harms it on command and measures what it holds. A real worker, a real
 * device: only the moment of the fault is chosen here.
 */

import { waits } from '../../src/waits'
import { type Measured, ORDERS, REPLIES, type WorkerOrder, type WorkerPlan, type WorkerReply } from './worker-orders'

const plan = self.name as WorkerPlan
const state = { armed: plan === 'loseDrawing', advanced: false, buffers: 0 }
const devices = new Set<GPUDevice>()
const memories = new Set<WebAssembly.Memory>()

if (plan === 'noGpu') Object.defineProperty(navigator, 'gpu', { value: undefined })
if (plan === 'noAdapter') GPU.prototype.requestAdapter = () => Promise.resolve(null)
if (plan === 'rejectAdapter') GPU.prototype.requestAdapter = () => Promise.reject(new Error('GPU process crashed'))
if (plan === 'silentAdapter') GPU.prototype.requestAdapter = () => new Promise(() => {})
if (plan === 'oldBrowser') {
  for (const [owner, name] of [
    [AbortSignal, 'any'],
    [Promise, 'withResolvers'],
    [Symbol, 'asyncDispose'],
  ] as const) {
    Reflect.deleteProperty(owner, name)
  }
}
if (/silent|impatient/.test(plan)) Object.assign(waits, { adapterMs: 500, deviceMs: 500, partMs: 500 })

const pretending = /realGpu|Device$|badShaders|badBindings|noGpuMemory|nanVelocity/.test(plan)
if (pretending) {
  const info = {
    vendor: 'test',
    architecture: '',
    device: '',
    description: 'a pretended GPU',
    isFallbackAdapter: false,
  }
  Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => info })
}
if (plan === 'silentDevice') GPUAdapter.prototype.requestDevice = () => new Promise(() => {})
if (plan === 'refuseDevice') GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('too many devices'))

const { createBindGroup, createShaderModule } = GPUDevice.prototype
GPUDevice.prototype.createShaderModule = function (descriptor) {
  const ours = descriptor.label?.endsWith('.wgsl')
  return createShaderModule.call(
    this,
    plan === 'badShaders' && !ours ? { ...descriptor, code: 'fn broken(' } : descriptor,
  )
}
GPUDevice.prototype.createBindGroup = function (descriptor) {
  const { label } = descriptor
  const entries = [...descriptor.entries]
  if (plan === 'badBindings' && label === 'advance') entries.pop()
  if (plan === 'noGpuMemory' && label === 'advance') {
    const error = new GPUOutOfMemoryError('Out of memory: 1 GiB could not be allocated')
    this.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }))
  }
  if (plan === 'nanVelocity' && label === 'advance') {
    const { buffer } = (entries[3] as GPUBindGroupEntry).resource as GPUBufferBinding
    this.queue.writeBuffer(buffer, 0, Float32Array.of(Number.NaN))
  }
  return createBindGroup.call(this, { ...descriptor, entries })
}

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
    case 'hang':
      for (;;);
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

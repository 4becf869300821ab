/** Tells on a channel when the engine asks for a GPU device and when it destroys one, and what its buffers hold then. */
const channel = new BroadcastChannel('watched-gpu')
const { requestDevice } = GPUAdapter.prototype
let devices = 0

GPUAdapter.prototype.requestDevice = async function (...args) {
  const number = ++devices
  channel.postMessage(`request ${number}`)
  const device = await requestDevice.apply(this, args)
  const { destroy, createBuffer } = device
  let bytes = 0
  device.createBuffer = (descriptor) => {
    bytes += descriptor.size
    return createBuffer.call(device, descriptor)
  }
  device.destroy = () => {
    channel.postMessage(`destroy ${number}${bytes > 100_000 ? ' with weights' : ''}`)
    return destroy.call(device)
  }
  return device
}

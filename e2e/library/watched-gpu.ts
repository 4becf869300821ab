/**
 * Tells on a channel when the engine asks for a GPU device and when it destroys one, and what its buffers hold then. Told
 * `lose` there, it takes away the newest device, as a driver does.
 */
const channel = new BroadcastChannel('watched-gpu')
const { requestDevice } = GPUAdapter.prototype
let devices = 0
let lose = () => {}
channel.addEventListener('message', ({ data }) => {
  if (data === 'lose') lose()
})

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
  lose = () => {
    channel.postMessage(`lost ${number}`)
    destroy.call(device)
  }
  device.destroy = () => {
    channel.postMessage(`destroy ${number}${bytes > 100_000 ? ' with weights' : ''}`)
    return destroy.call(device)
  }
  return device
}

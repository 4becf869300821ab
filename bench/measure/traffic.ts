/** Bytes that everybody, ONNX Runtime included, moves between CPU and GPU. */
export interface Traffic {
  readonly toGpu: number
  readonly toCpu: number
  /** Buffers mapped for reading. */
  readonly readbacks: number
}

/**
 * Counts until `end`, which returns the counts and takes the counting away. Counted to the GPU: `writeBuffer` and buffers
 * mapped at creation; to the CPU: buffers mapped for reading.
 */
export function watchTraffic(device: GPUDevice): { end(): Traffic } {
  let toGpu = 0
  let toCpu = 0
  let readbacks = 0
  const deviceKind = Object.getPrototypeOf(device) as GPUDevice
  const queueKind = Object.getPrototypeOf(device.queue) as GPUQueue
  const { createBuffer } = deviceKind
  const { writeBuffer } = queueKind

  deviceKind.createBuffer = function (this: GPUDevice, description) {
    const buffer = createBuffer.call(this, description)
    if (description.mappedAtCreation) toGpu += description.size
    if (description.usage & GPUBufferUsage.MAP_READ) {
      const mapAsync = buffer.mapAsync.bind(buffer)
      buffer.mapAsync = (...args) => {
        toCpu += args[2] ?? description.size
        readbacks++
        return mapAsync(...args)
      }
    }
    return buffer
  }
  queueKind.writeBuffer = function (this: GPUQueue, ...args: Parameters<typeof writeBuffer>) {
    const [, , data, from = 0, size] = args
    const unit = 'BYTES_PER_ELEMENT' in data ? (data.BYTES_PER_ELEMENT as number) : 1
    toGpu += size === undefined ? data.byteLength - from * unit : size * unit
    return writeBuffer.apply(this, args)
  }

  return {
    end() {
      deviceKind.createBuffer = createBuffer
      queueKind.writeBuffer = writeBuffer
      return { toGpu, toCpu, readbacks }
    },
  }
}

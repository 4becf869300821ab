import advanceWgsl from '../../shaders/advance.wgsl?raw'
import finiteWgsl from '../../shaders/finite.wgsl?raw'
import noiseWgsl from '../../shaders/noise.wgsl?raw'
import paramsWgsl from '../../shaders/params.wgsl?raw'
import predictX0Wgsl from '../../shaders/predict-x0.wgsl?raw'
import previewWgsl from '../../shaders/preview.wgsl?raw'
import randomWgsl from '../../shaders/random.wgsl?raw'
import { EngineError } from '../errors'
import { loadPart } from '../load-part'
import { checkLength, checkVelocity, elements, freedError, notFiniteError, resizedShape } from '../shape'
import type { Kernels, Latent, LatentShape, NoiseKey, PreviewMap, ScaleStep } from '../types'
import { compileKernel } from './compile'
import { type Dispatch, encodeParams } from './params'

export interface GpuLatent extends Latent {
  /** float32, at least as many bytes as the shape needs; usage STORAGE | COPY_SRC | COPY_DST. */
  readonly buffer: GPUBuffer
}

/** Invocations of a workgroup: the default of `override workgroup_size` in shaders/params.wgsl. */
const WORKGROUP_SIZE = 64
const FLOAT_BYTES = 4
/** STORAGE | COPY_SRC | COPY_DST, in numbers, as there is no `GPUBufferUsage` where there is no WebGPU. */
const LATENT_USAGE = 0x80 | 0x04 | 0x08
/** MAP_READ | COPY_DST. */
const READBACK_USAGE = 0x01 | 0x08

type Pipelines = Record<'noise' | 'advance' | 'predictX0' | 'preview', GPUComputePipeline>

/**
 * Compiles the kernels on a device.
 *
 * @throws EngineError 'NoWebGPU' if the device refuses one.
 */
export async function createGpuKernels(device: GPUDevice): Promise<GpuKernels> {
  const [noise, advance, predictX0, preview] = await Promise.all([
    compileKernel(device, 'noise.wgsl', [paramsWgsl, randomWgsl, noiseWgsl]),
    compileKernel(device, 'advance.wgsl', [paramsWgsl, randomWgsl, finiteWgsl, advanceWgsl]),
    compileKernel(device, 'predict-x0.wgsl', [paramsWgsl, finiteWgsl, predictX0Wgsl]),
    compileKernel(device, 'preview.wgsl', [paramsWgsl, previewWgsl]),
  ])
  return new GpuKernels(device, { noise, advance, predictX0, preview })
}

/**
 * The kernels in WGSL. To add one: its shader in shaders/, then here a pipeline and a method; its twin in cpu.ts, which
 * is the reference; both in the interface `Kernels` of src/types.ts; and a test of both in testing/describe-kernels.ts.
 * Golden numbers come from PyTorch: training/export/golden.py writes golden/*.json.
 *
 * Each call submits its own work at once, so that work submitted later by others sees its output.
 */
export class GpuKernels implements Kernels<GpuLatent> {
  readonly #device: GPUDevice
  readonly #pipelines: Pipelines
  /** What gives each live latent's memory back. */
  readonly #releases = new Map<GpuLatent, () => void>()
  /** Where the shaders note that a clean estimate is not finite (shaders/finite.wgsl). */
  readonly #notFinite: GPUBuffer
  /** What the GPU refused since the last picture: our own work or ONNX Runtime's, on the same device. */
  #refused: GPUError | undefined
  #dispatches = 0
  #readbacks = 0

  constructor(device: GPUDevice, pipelines: Pipelines) {
    this.#device = device
    this.#pipelines = pipelines
    this.#notFinite = device.createBuffer({ label: 'not finite', size: 16, usage: LATENT_USAGE })
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#refused ??= error
    })
  }

  get live(): number {
    return this.#releases.size
  }

  get dispatches(): number {
    return this.#dispatches
  }

  get readbacks(): number {
    return this.#readbacks
  }

  noise(shape: LatentShape, key: NoiseKey): GpuLatent {
    return this.#dispatch('noise', { input: shape, output: shape, draw: key.step }, [seedTable(key)])
  }

  advance(latent: GpuLatent, velocity: GpuLatent, step: ScaleStep, next: ScaleStep, key: NoiseKey): GpuLatent {
    checkVelocity(latent, velocity)
    const output = resizedShape(latent.shape, next.size)
    const dispatch = { input: latent.shape, output, draw: key.step, sigma: step.sigma, nextSigma: next.sigma }
    return this.#dispatch('advance', dispatch, [seedTable(key), latent, velocity])
  }

  predictX0(latent: GpuLatent, velocity: GpuLatent, step: ScaleStep): GpuLatent {
    checkVelocity(latent, velocity)
    const dispatch = { input: latent.shape, output: latent.shape, sigma: step.sigma }
    return this.#dispatch('predictX0', dispatch, [latent, velocity])
  }

  preview(x0: GpuLatent, map: PreviewMap): GpuLatent {
    const columns = Array.from({ length: x0.shape.channels }, (_, channel) =>
      map.matrix.map((row) => row[channel] as number),
    )
    const table = new Float32Array([...map.bias, ...columns.flat()])
    return this.#dispatch('preview', { input: x0.shape, output: { ...x0.shape, channels: 4 } }, [table, x0])
  }

  upload(data: Float32Array, shape: LatentShape): GpuLatent {
    checkLength(data.length, shape)
    const buffer = this.#allocate('upload', shape, true)
    new Float32Array(buffer.getMappedRange()).set(data.subarray(0, elements(shape)))
    buffer.unmap()
    return this.#own(buffer, shape)
  }

  /** Wraps a buffer that ONNX Runtime, for one, made on this device, without a copy; `free` calls `release` instead of destroying it. */
  adopt(buffer: GPUBuffer, shape: LatentShape, release: () => void): GpuLatent {
    checkLength(buffer.size / FLOAT_BYTES, shape)
    const latent = { buffer, shape }
    this.#releases.set(latent, release)
    return latent
  }

  /**
   * @throws EngineError 'DeviceLost' if the GPU went away before the copy arrived; 'OutOfMemory' or 'ModelFailed' if it
   * refused any work since the last picture, or if a clean estimate was not finite.
   */
  async read(latent: GpuLatent): Promise<Float32Array> {
    this.#checkOwned(latent)
    const size = elements(latent.shape) * FLOAT_BYTES
    const staging = this.#device.createBuffer({
      label: 'readback',
      size: size + FLOAT_BYTES,
      usage: READBACK_USAGE,
    })
    try {
      const encoder = this.#device.createCommandEncoder({ label: 'readback' })
      encoder.copyBufferToBuffer(latent.buffer, 0, staging, 0, size)
      encoder.copyBufferToBuffer(this.#notFinite, 0, staging, size, FLOAT_BYTES)
      this.#device.queue.submit([encoder.finish({ label: 'readback' })])
      this.#readbacks++
      await staging.mapAsync(GPUMapMode.READ)
      if (this.#refused) throw this.#refused
      const copy = staging.getMappedRange().slice(0)
      if (new Uint32Array(copy)[size / FLOAT_BYTES]) throw notFiniteError()
      return new Float32Array(copy, 0, size / FLOAT_BYTES)
    } catch (cause) {
      if (cause instanceof EngineError) throw cause
      const { gpuProblem } = await loadPart('gpu-problems', import('./gpu-problems'))
      throw await gpuProblem(this.#device, this.#refused ?? cause)
    } finally {
      staging.destroy()
    }
  }

  /** The GPU finishes what it was already given to do with the buffer first. */
  free(latent: GpuLatent): void {
    const release = this.#releases.get(latent)
    if (!release) throw freedError()
    this.#releases.delete(latent)
    release()
    if (this.live > 0) return
    // A picture is done or given up: what went wrong with it is not the next one's.
    this.#refused = undefined
    this.#device.queue.writeBuffer(this.#notFinite, 0, new Uint32Array(1))
  }

  /** Runs one kernel over all elements of a new latent. Bindings: the uniform struct, the inputs in order, the output. */
  #dispatch(
    kernel: keyof Pipelines,
    dispatch: Dispatch,
    inputs: readonly (GpuLatent | Float32Array | Uint32Array)[],
  ): GpuLatent {
    for (const input of inputs) if (!ArrayBuffer.isView(input)) this.#checkOwned(input)
    const output = this.#allocate(kernel, dispatch.output, false)
    // The uniforms and tables of a dispatch are its own, so nothing overwrites them while it is in flight.
    const uniforms = this.#table(kernel, encodeParams(dispatch), GPUBufferUsage.UNIFORM)
    const tables = [uniforms]
    const bindings: GPUBufferBinding[] = [{ buffer: uniforms }]
    for (const input of inputs) {
      if (ArrayBuffer.isView(input)) {
        const table = this.#table(kernel, input, GPUBufferUsage.STORAGE)
        tables.push(table)
        bindings.push({ buffer: table })
      } else {
        bindings.push({ buffer: input.buffer, size: elements(input.shape) * FLOAT_BYTES })
      }
    }
    bindings.push({ buffer: output })
    const entries: GPUBindGroupEntry[] = bindings.map((resource, binding) => ({ binding, resource }))
    if ('sigma' in dispatch) entries.push({ binding: 9, resource: { buffer: this.#notFinite } })

    const pipeline = this.#pipelines[kernel]
    const groups = Math.ceil(elements(dispatch.output) / WORKGROUP_SIZE)
    const columns = Math.min(groups, this.#device.limits.maxComputeWorkgroupsPerDimension)
    const encoder = this.#device.createCommandEncoder({ label: kernel })
    const pass = encoder.beginComputePass({ label: kernel })
    pass.setPipeline(pipeline)
    pass.setBindGroup(
      0,
      this.#device.createBindGroup({ label: kernel, layout: pipeline.getBindGroupLayout(0), entries }),
    )
    pass.dispatchWorkgroups(columns, Math.ceil(groups / columns))
    pass.end()
    this.#device.queue.submit([encoder.finish({ label: kernel })])
    this.#dispatches++
    for (const table of tables) table.destroy()
    return this.#own(output, dispatch.output)
  }

  #allocate(label: string, shape: LatentShape, mappedAtCreation: boolean): GPUBuffer {
    const size = roundUp(elements(shape) * FLOAT_BYTES)
    return this.#device.createBuffer({ label, size, usage: LATENT_USAGE, mappedAtCreation })
  }

  #table(label: string, data: Float32Array | Uint32Array, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.#device.createBuffer({ label, size: roundUp(data.byteLength), usage, mappedAtCreation: true })
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    buffer.unmap()
    return buffer
  }

  #own(buffer: GPUBuffer, shape: LatentShape): GpuLatent {
    return this.adopt(buffer, shape, () => buffer.destroy())
  }

  #checkOwned(latent: GpuLatent): void {
    if (!this.#releases.has(latent)) throw freedError()
  }
}

/** Two words per seed, the low one first: every platform with WebGPU is little-endian. */
function seedTable(key: NoiseKey): Uint32Array {
  return new Uint32Array(BigUint64Array.from(key.seeds).buffer)
}

/** onnxruntime-web binds buffers in units of 16 bytes. */
function roundUp(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}

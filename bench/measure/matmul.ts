/** How fast ONNX Runtime multiplies large matrices here, and how near to that the denoiser comes. */
import type { MatmulFigures } from '../results'
import { inTurn, median } from '../statistics'
import { msOf } from './clock'
import { denoiseOnce } from './growth'
import type { Subject } from './subject'

export interface FlopCounts {
  /** Id of the model that they are of. */
  readonly model: string
  /** Floating-point operations of one denoiser call, by latent size; a multiply-add counts as two. */
  readonly denoiser: Readonly<Record<string, number>>
}

/** Bytes of bench/matmul.onnx: c = a·b, all dimensions dynamic. */
export type MatmulGraph = Uint8Array

export async function measureMatmul(
  subject: Subject,
  graph: MatmulGraph,
  flops: FlopCounts,
  options: {
    readonly sizes: readonly number[]
    readonly batches: readonly number[]
    readonly rounds: number
    readonly warmup: number
  },
): Promise<MatmulFigures> {
  const { sizes, batches, rounds, warmup } = options
  const multiply = await openMatmul(subject, graph)
  const squares = Object.fromEntries(sizes.map((size) => [`${size}`, () => multiply(size)]))
  const latents = flops.model === subject.manifest.id ? Object.keys(flops.denoiser).map(Number) : []
  const calls = latents.flatMap((size) => batches.map((batch) => ({ size, batch })))
  const denoisers = Object.fromEntries(
    calls.map(({ size, batch }) => [
      `denoiser ${size} ${batch}`,
      async () => msOf(await denoiseOnce(subject, size, batch), 'denoiser'),
    ]),
  )
  const taken = await inTurn({ ...squares, ...denoisers }, rounds, warmup)
  const speeds = sizes.map((size) => ({ size, perSecond: (2 * size ** 3 * 1000) / median(taken[`${size}`] ?? []) }))
  const best = speeds.reduce((one, other) => (other.perSecond > one.perSecond ? other : one))
  return {
    size: best.size,
    matmul: best.perSecond,
    rows: calls.map(({ size, batch }) => {
      const operations = batch * (flops.denoiser[size] as number)
      return {
        size,
        batch,
        flops: operations,
        perSecond: (operations * 1000) / median(taken[`denoiser ${size} ${batch}`] ?? []),
      }
    }),
  }
}

/** A function that multiplies two square matrices, on the GPU where there is one, and returns its milliseconds. */
export async function openMatmul({ ort, device, settled }: Subject, graph: MatmulGraph) {
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: [device ? { name: 'webgpu', device } : 'wasm'],
    ...(device && { preferredOutputLocation: 'gpu-buffer' }),
  })
  return async (size: number): Promise<number> => {
    const dims = [size, size]
    const operand = () => {
      const data = new Float32Array(size * size).fill(0.5)
      if (!device) return new ort.Tensor('float32', data, dims)
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
      const buffer = device.createBuffer({ label: 'matmul', size: data.byteLength, usage })
      device.queue.writeBuffer(buffer, 0, data)
      return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims, dispose: () => buffer.destroy() })
    }
    const [a, b] = [operand(), operand()]
    await settled()
    const started = performance.now()
    const outputs = await session.run({ a, b })
    await settled()
    const ms = performance.now() - started
    for (const tensor of [a, b, ...Object.values(outputs)]) tensor.dispose()
    return ms
  }
}

import { type Manifest, modelInfo, withVariant } from '../../src/manifest'
import { parseManifest } from '../../src/manifest/parse'
import { assemble } from '../../src/model/assemble'
import { createCpuPlatform } from '../../src/model/cpu-platform'
import { createGpuPlatform } from '../../src/model/gpu-platform'
import { type Model, Pipeline } from '../../src/pipeline'
import type { Ort } from '../../src/runtime/ort'
import type { Conditioning, Latent } from '../../src/types'
import { type OrtRun, watchOrt } from './clock'

/** A model under measurement: the engine's own parts on a watched ONNX Runtime, without worker and weight store. */
export interface Subject {
  readonly manifest: Manifest
  readonly ort: Ort
  readonly device: GPUDevice | undefined
  readonly model: Model<Latent>
  readonly pipeline: Pipeline<Latent>
  /** ORT's calls since the last look. */
  take(): OrtRun[]
  /** Resolves when the GPU is idle; at once where there is none. */
  settled(): Promise<unknown>
  readonly files: FileReader
}

/** Reads a file beside the manifest. */
export type FileReader = (path: string) => Promise<Uint8Array<ArrayBuffer>>

/** On WASM: with the graphs of a GPU or those that a model has for WASM, and threads at most; as many as pay at Infinity. */
export interface HowOnWasm {
  readonly float32: boolean
  readonly threads: number
}

/** With a device on WebGPU, else on WASM. */
export async function openSubject(
  ort: Ort,
  files: FileReader,
  device?: GPUDevice,
  { float32, threads }: HowOnWasm = { float32: true, threads: 1 },
): Promise<Subject> {
  const whole = parseManifest(JSON.parse(new TextDecoder().decode(await files('manifest.json'))))
  const manifest = float32 ? { ...whole, variants: [] } : withVariant(whole)
  const settled = async () => device?.queue.onSubmittedWorkDone()
  let dispatches = () => 0
  const clock = watchOrt(ort, manifest, { dispatches: () => dispatches(), settled })
  const platform = device
    ? await createGpuPlatform(clock.ort, { name: 'webgpu', reason: 'Measured.' }, device)
    : createCpuPlatform(clock.ort, { name: 'wasm', reason: 'Measured.' })
  // Before its first session.
  if (!device) ort.env.wasm.numThreads = Math.min(threads, ort.env.wasm.numThreads ?? 1)
  dispatches = () => platform.kernels.dispatches
  const model = (await assemble(manifest, platform as never, {
    load: ({ path }) => files(path),
  })) as unknown as Model<Latent>
  return { manifest, ort, device, model, pipeline: new Pipeline(model), take: clock.take, settled, files }
}

/** A prompt as long as the model reads, the same for every model with one tokenizer. */
export async function longestPrompt({ model, manifest }: Subject): Promise<Conditioning> {
  return model.promptEncoder.encode('apple '.repeat(modelInfo(manifest).maxTokens))
}

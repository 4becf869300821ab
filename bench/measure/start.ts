/** From nothing to a first preview: once through the engine's public face, once through ONNX Runtime alone. */
import asyncifyBuild from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'
import { createEngine } from '../../src/index'
import { parseManifest } from '../../src/manifest/parse'
import { loadOrt, type Tensor } from '../../src/runtime/ort'
import { heightWidth } from '../../src/schedule'
import { median } from '../statistics'

export interface EngineStart {
  /** Milliseconds since the call of `createEngine`. */
  readonly ready: number
  readonly preview: number
  readonly picture: number
  /** The second picture's own milliseconds, and the median of those after it. */
  readonly first: number
  readonly later: number
}

const LATER = 3

/** `model`: address of the manifest. A preview is a decoded one. */
export async function startEngine(model: string, laterPictures = LATER): Promise<EngineStart> {
  const started = performance.now()
  const engine = await createEngine({ model, backend: 'wasm' })
  const ready = performance.now() - started
  const previews: number[] = []
  const request = { prompt: 'a red apple', seed: 7, preview: 'decode' } as const
  await engine.generate({ ...request, onScale: () => previews.push(performance.now() - started) })
  const picture = performance.now() - started
  const later: number[] = []
  for (let i = 0; i < laterPictures; i++) {
    const again = performance.now()
    await engine.generate({ ...request, prompt: `a red apple ${i}`, onScale: () => {} })
    later.push(performance.now() - again)
  }
  await engine.dispose()
  return {
    ready,
    preview: previews[0] ?? picture,
    picture,
    first: picture - ready,
    later: later.length > 0 ? median(later) : 0,
  }
}

export interface BareStart {
  /** Fetching the graphs. */
  readonly fetched: number
  /** Loading ONNX Runtime and creating the sessions. */
  readonly sessions: number
  /** The same, and running each session once at the first scale's size. */
  readonly run: number
}

/**
 * ONNX Runtime alone, by its defaults, on the float32 graphs. Bytes are fetched before the other clocks start. `asyncify`:
 * with the build that this engine began with, which has WebGPU and runs in every browser, in place of the smallest.
 */
export async function startBare(model: string, asyncify = false): Promise<BareStart> {
  const began = performance.now()
  const manifest = parseManifest(await (await fetch(model)).json())
  const read = async (path: string) => new Uint8Array(await (await fetch(new URL(path, model))).arrayBuffer())
  const graphs = [...manifest.textEncoders, manifest.denoiser, manifest.decoder]
  const files = await Promise.all(graphs.map(({ file }) => read(file)))
  const fetched = performance.now() - began

  const started = performance.now()
  const ort = await (asyncify ? loadOrt('webgpu', new URL(asyncifyBuild, document.baseURI).href) : loadOrt())
  const sessions = []
  for (const file of files) sessions.push(await ort.InferenceSession.create(file, { executionProviders: ['wasm'] }))
  const created = performance.now() - started
  const [decoder, denoiser] = [sessions.pop(), sessions.pop()]
  const [side] = heightWidth(manifest.schedules[manifest.defaultSchedule]?.[0].size ?? 8)
  const latent = new ort.Tensor('float32', new Float32Array(manifest.denoiser.latentChannels * side * side), [
    ...[1, manifest.denoiser.latentChannels, side, side],
  ])
  const conditioning: Record<string, Tensor> = {}
  for (const [i, { ids, mask, outputs, maskAs, tokenizer }] of manifest.textEncoders.entries()) {
    const dims = [1, tokenizer.maxTokens]
    const ones = () => new ort.Tensor('int64', new BigInt64Array(tokenizer.maxTokens).fill(1n), dims)
    const given = await sessions[i]?.run({ [ids]: ones(), ...(mask !== undefined && { [mask]: ones() }) })
    for (const [output, name] of Object.entries(outputs)) conditioning[name] = given?.[output] as Tensor
    if (maskAs !== undefined)
      conditioning[maskAs] = new ort.Tensor('float32', new Float32Array(tokenizer.maxTokens).fill(1), dims)
  }
  await denoiser?.run({
    ...conditioning,
    [manifest.denoiser.latent]: latent,
    [manifest.denoiser.timestep]: new ort.Tensor('float32', [manifest.denoiser.timestepScale], [1]),
  })
  await decoder?.run({ [manifest.decoder.input]: latent })
  return { fetched, sessions: created, run: performance.now() - started }
}

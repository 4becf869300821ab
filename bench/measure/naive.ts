/**
 * The baseline: the loop as a first version of it is written, with the same ONNX files and the engine's own reading of
 * prompts. Every step's velocity comes back to the CPU, and latents are stepped, enlarged and noised in plain JavaScript,
 * each pixel on its own.
 */
import { heightWidth } from '../../src/schedule'
import type { ScaleSchedule } from '../../src/types'
import type { NaiveFigures } from '../results'
import { inTurn, median, ratio } from '../statistics'
import type { Subject } from './subject'
import { watchTraffic } from './traffic'

type Session = Awaited<ReturnType<typeof openSession>>

export interface NaiveModel {
  readonly denoiser: Session
  readonly decoder: Session
}

function openSession({ ort, files, device }: Subject, path: string) {
  const provider = device ? ({ name: 'webgpu', device } as const) : 'wasm'
  return files(path).then((bytes) => ort.InferenceSession.create(bytes, { executionProviders: [provider] }))
}

export async function openNaive(subject: Subject): Promise<NaiveModel> {
  const { denoiser, decoder } = subject.manifest
  return {
    denoiser: await openSession(subject, denoiser.file),
    decoder: await openSession(subject, decoder.file),
  }
}

/** Draws one picture; returns its pixels as RGBA bytes. */
export async function drawNaive(
  subject: Subject,
  model: NaiveModel,
  schedule: ScaleSchedule,
  prompt: string,
): Promise<Uint8ClampedArray> {
  const { ort, manifest } = subject
  const { latentChannels: channels, timestepScale, ...names } = manifest.denoiser
  const { tensors } = await subject.model.promptEncoder.encode(prompt)
  const conditioning = Object.fromEntries(
    Object.entries(tensors).map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, dims)]),
  )

  let latent: Float32Array | undefined
  let size = 0
  for (const step of schedule) {
    const [next] = heightWidth(step.size)
    const noise = Float32Array.from({ length: channels * next * next }, gaussian)
    const enlarged = latent && bicubic(latent, channels, size, next)
    const noisy = enlarged
      ? enlarged.map((value, i) => (1 - step.sigma) * value + step.sigma * (noise[i] as number))
      : noise
    size = next
    const outputs = await model.denoiser.run({
      [names.latent]: new ort.Tensor('float32', noisy, [1, channels, size, size]),
      [names.timestep]: new ort.Tensor('float32', [timestepScale * step.sigma], [1]),
      ...conditioning,
    })
    const velocity = (await outputs[names.output]?.getData(true)) as Float32Array
    latent = noisy.map((value, i) => value - step.sigma * (velocity[i] as number))
  }

  const { input, output } = manifest.decoder
  const feeds = { [input]: new ort.Tensor('float32', latent ?? new Float32Array(), [1, channels, size, size]) }
  const decoded = (await model.decoder.run(feeds))[output]
  const pixels = (await decoded?.getData(true)) as Float32Array
  const plane = pixels.length / manifest.picture.channels
  const rgba = new Uint8ClampedArray(4 * plane)
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 4; c++)
      rgba[4 * i + c] = 255 * (c < manifest.picture.channels ? (pixels[c * plane + i] ?? 0) : 1)
  }
  return rgba
}

function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}

/** PyTorch's resize as the kernels have it: sixteen cells and their weights for every output cell. */
export function bicubic(source: Float32Array, channels: number, from: number, to: number): Float32Array {
  const result = new Float32Array(channels * to * to)
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < to; y++) {
      for (let x = 0; x < to; x++) {
        const sourceY = ((y + 0.5) * from) / to - 0.5
        const sourceX = ((x + 0.5) * from) / to - 0.5
        let sum = 0
        for (let j = Math.floor(sourceY) - 1; j <= Math.floor(sourceY) + 2; j++) {
          for (let i = Math.floor(sourceX) - 1; i <= Math.floor(sourceX) + 2; i++) {
            const row = Math.min(Math.max(j, 0), from - 1)
            const column = Math.min(Math.max(i, 0), from - 1)
            sum += weight(sourceY - j) * weight(sourceX - i) * (source[(c * from + row) * from + column] as number)
          }
        }
        result[(c * to + y) * to + x] = sum
      }
    }
  }
  return result
}

function weight(distance: number): number {
  const a = -0.75
  const d = Math.abs(distance)
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0
}

/** Pictures of the engine and of the naive loop in turn. */
export async function measureNaive(subject: Subject, rounds: number, warmup: number): Promise<NaiveFigures> {
  const { manifest, pipeline, device, settled } = subject
  const schedule = manifest.schedules[manifest.defaultSchedule] as ScaleSchedule
  const model = await openNaive(subject)
  let drawn = 0
  const timed = async (draw: (prompt: string) => Promise<unknown>): Promise<number> => {
    await settled()
    const started = performance.now()
    await draw(`a red apple ${drawn++}`)
    return performance.now() - started
  }
  const naive = () => timed((prompt) => drawNaive(subject, model, schedule, prompt))
  const engine = () => timed((prompt) => pipeline.generate({ prompt, seed: drawn, schedule }))
  const taken = await inTurn({ engine, naive }, rounds, warmup)
  const traffic = device && watchTraffic(device)
  await naive()
  const moved = traffic?.end() ?? { toGpu: 0, toCpu: 0, readbacks: 0 }
  return {
    total: ratio(taken.naive, taken.engine),
    engineMs: median(taken.engine),
    naiveMs: median(taken.naive),
    ...moved,
  }
}

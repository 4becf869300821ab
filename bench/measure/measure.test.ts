import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { CpuKernels } from '../../src/kernels/cpu'
import { expectClose } from '../../src/kernels/testing/close'
import { withDevice } from '../../src/kernels/testing/dawn'
import { loadOrt } from '../../src/runtime/ort'
import { graphDistance, runGraph } from './graphs'
import { measureGrowth } from './growth'
import { measureMatmul } from './matmul'
import { bicubic, drawNaive, measureNaive, openNaive } from './naive'
import { measureEngine, measureScales } from './pictures'
import { openSubject, type Subject } from './subject'
import { watchTraffic } from './traffic'

describe('the measurements, once, on models/tiny', () => {
  let subject: Subject

  beforeAll(async () => {
    subject = await openSubject(await loadOrt(), async (path) => new Uint8Array(await readFile(`models/tiny/${path}`)))
  })

  it('scale-wise against full scale: tokens, bounds and times', async () => {
    const pairs = await measureScales(subject, 1, 0)
    expect(pairs.map(({ steps }) => steps)).toEqual([2, 4, 6])
    const four = pairs[1]
    expect(four?.scaleWise).toMatchObject({ sizes: [8, 12, 16, 16], imageTokens: 180 })
    expect(four?.fullScale).toMatchObject({ sizes: [16, 16, 16, 16], imageTokens: 256 })
    expect(four?.imageBound).toBeCloseTo(256 / 180)
    const text = four?.scaleWise.textTokens ?? 0
    expect(text).toBeGreaterThan(0)
    expect(four?.bound).toBeCloseTo((256 + text) / (180 + text))
    for (const { scaleWise: times } of pairs) {
      expect(times.text + times.denoiser + times.decoder).toBeLessThan(times.total)
      expect(Math.min(times.text, times.denoiser, times.decoder)).toBeGreaterThan(0)
    }
  })

  it('the engine: what lies outside ORT is a part of the whole', async () => {
    const figures = await measureEngine(subject, 1, 0)
    expect(figures.outside.median).toBeGreaterThan(0)
    expect(figures.outside.median + figures.decoder.median).toBeLessThan(1)
    expect(figures).toMatchObject({ readbacks: 0, dispatchesBetween: 0, toGpu: 0, toCpu: 0 })
    expect(subject.model.kernels.live).toBe(0)
  })

  it('growth, the naive loop, matrix products and single graphs', async () => {
    const growth = await measureGrowth(subject, 1, 0)
    expect(growth.rows.map(({ size, batch }) => size * batch)).toEqual([8, 12, 16, 20, 24, 28, 32, 32, 64, 128])
    expect(Number.isFinite(growth.tokenExponent + growth.batchExponent)).toBe(true)
    expect((await measureNaive(subject, 1, 0)).naiveMs).toBeGreaterThan(0)

    const graph = new Uint8Array(await readFile('bench/matmul.onnx'))
    const flops = { model: 'tiny', denoiser: { 8: 1e6 } }
    const options = { sizes: [32, 64], batches: [1, 2], rounds: 1, warmup: 0 }
    const figures = await measureMatmul(subject, graph, flops, options)
    expect(figures.rows.map(({ flops }) => flops)).toEqual([1e6, 2e6])
    expect(figures.matmul).toBeGreaterThan(0)
    // Operations of another model say nothing of this one.
    expect((await measureMatmul(subject, graph, { ...flops, model: 'other' }, options)).rows).toEqual([])

    expect((await runGraph(subject, 'decoder')).ms).toBeGreaterThan(0)
    for (const each of ['text', 'denoiser', 'decoder'] as const) {
      expect(await graphDistance(subject, subject, each)).toBe(0)
    }
    expect(subject.model.kernels.live).toBe(0)
  })

  it('the naive loop draws a whole picture', async () => {
    const schedule = subject.manifest.schedules.default ?? [{ size: 8, sigma: 1 }]
    const pixels = await drawNaive(subject, await openNaive(subject), schedule, 'a red apple')
    expect(pixels.length).toBe(128 * 128 * 4)
    expect(new Set(pixels).size).toBeGreaterThan(20)
  })
})

describe('the naive bicubic', () => {
  it('is the one of the kernels: the baseline does the same work', () => {
    const kernels = new CpuKernels()
    const shape = { batch: 1, channels: 2, height: 8, width: 8 }
    const latent = kernels.noise(shape, { seeds: [1n], step: 0 })
    const zero = kernels.upload(new Float32Array(128), shape)
    // To sigma 0 without velocity: the resize alone.
    const step = { size: 8, sigma: 1 }
    const resized = kernels.advance(latent, zero, step, { size: 12, sigma: 0 }, { seeds: [1n], step: 1 })
    expectClose(bicubic(latent.data, 2, 8, 12), resized.data, 1e-5)
  })
})

describe('watchTraffic', () => {
  it('counts what crosses, both ways, until its end', () =>
    withDevice(async (device) => {
      const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage
      const traffic = watchTraffic(device)
      const buffer = device.createBuffer({ size: 64, usage: STORAGE | COPY_DST | COPY_SRC, mappedAtCreation: true })
      buffer.unmap()
      device.queue.writeBuffer(buffer, 0, new Float32Array(8), 2, 4)
      const staging = device.createBuffer({ size: 64, usage: MAP_READ | COPY_DST })
      await staging.mapAsync(GPUMapMode.READ)
      staging.unmap()
      expect(traffic.end()).toEqual({ toGpu: 64 + 16, toCpu: 64, readbacks: 1 })
      device.queue.writeBuffer(buffer, 0, new Float32Array(8))
      expect(traffic.end()).toEqual({ toGpu: 64 + 16, toCpu: 64, readbacks: 1 })
    }))
})

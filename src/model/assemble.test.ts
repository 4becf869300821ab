import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CpuLatent } from '../kernels/cpu'
import { expectClose } from '../kernels/testing/close'
import { parseManifest } from '../manifest/parse'
import { type Model, Pipeline } from '../pipeline'
import { loadOrt } from '../runtime/ort'
import { sample } from '../sample'
import type { Conditioning, EngineProgress } from '../types'
import { assemble } from './assemble'
import { createCpuPlatform } from './cpu-platform'
import { createPromptEncoder } from './prompt-encoder'

/**
 * Two graphs of a few hundred bytes, written with onnx.helper (opset 17):
 * picture-encoder: latent = Concat(mean, mean) on the channels, mean = AveragePool(picture, 8×8).
 * two-texts-denoiser: velocity = latent · max(text) + max(text_2), over tokens and width.
 */
const fixtures = 'src/model/testing'
const folder = 'models/tiny'
const tiny = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
const [encoder] = tiny.textEncoders

async function open(changes: object) {
  const loaded: string[] = []
  const events: EngineProgress[] = []
  const platform = createCpuPlatform(await loadOrt(), { name: 'wasm', reason: 'Tested.' })
  const model: Model<CpuLatent> = await assemble(parseManifest({ ...tiny, ...changes }), platform, {
    async load({ path }) {
      loaded.push(path)
      return new Uint8Array(readFileSync(join(path.startsWith('testing/') ? join(fixtures, '..') : folder, path)))
    },
    onProgress: (event) => events.push(event),
  })
  return { model, loaded, events }
}

describe('several text encoders', () => {
  const second = {
    ...encoder,
    tokenizer: { ...encoder.tokenizer, maxTokens: 8, pad: 0 },
    outputs: { states: 'text_2' },
    maskAs: undefined,
  }
  const conditioning = ['text', 'text_mask', 'text_2']
  const changes = { textEncoders: [encoder, second], denoiser: { ...tiny.denoiser, conditioning } }

  it('each read the prompt by their own tokenizer and fill their own names', async () => {
    const { model, loaded, events } = await open(changes)
    // Shared files are loaded once.
    expect(loaded.sort()).toEqual(tiny.files.map(({ path }: { path: string }) => path).sort())
    const compiled = events.flatMap((event) => (event.stage === 'compile' ? [[event.index, event.count]] : []))
    expect(compiled).toEqual([0, 1, 2, 3].map((index) => [index, 4]))

    const alone = (await open({})).model
    const one = await alone.promptEncoder.encode('a red apple')
    const both = await model.promptEncoder.encode('a red apple')
    expect(Object.keys(both.tensors).sort()).toEqual([...conditioning].sort())
    expect(both.tensors.text).toEqual(one.tensors.text)
    expect(both.tensors.text_mask).toEqual({ dims: [1, 8], data: Float32Array.of(1, 1, 1, 1, 1, 0, 0, 0) })
    expect(both.tensors.text_2?.dims).toEqual([1, 8, 32])
    // The same graph, ids and mask under another name.
    expect(both.tensors.text_2).toEqual(one.tensors.text)
    expect(both).toMatchObject({ tokens: 8 + 8, warnings: [] })
    expect(one).toMatchObject({ tokens: 8, warnings: [] })
  })

  it('say which of them could not read a whole prompt', async () => {
    const { model } = await open(changes)
    const { warnings } = await model.promptEncoder.encode('one two three four five six seven eight nine ten')
    expect(warnings).toEqual([
      "The prompt has 12 tokens and the model's text encoder 2 reads 8: its end was left out. Shorten it.",
    ])
  })

  it('feed the denoiser by name: it draws with both, and a name that its graph lacks stops it', async () => {
    const file = 'testing/two-texts-denoiser.onnx'
    const files = [...tiny.files, { ...tiny.files[0], path: file }]
    const denoiser = { ...tiny.denoiser, file, conditioning: ['text', 'text_2'] }
    const first = { ...encoder, maskAs: undefined }
    const { model } = await open({ files, denoiser, textEncoders: [first, second] })
    const conditioning = await model.promptEncoder.encode('one two three four five six seven eight nine ten')
    const { text, text_2 } = conditioning.tensors
    const [a, b] = [text, text_2].map((tensor) => Math.max(...(tensor?.data ?? []))) as [number, number]
    expect(Math.abs(a - b)).toBeGreaterThan(1e-3)
    const shape = { batch: 2, channels: 8, height: 8, width: 8 }
    const latent = model.kernels.noise(shape, { seeds: [1n, 2n], step: 0 })
    const velocity = await model.denoiser.velocity(latent, 1, conditioning)
    const expected = latent.data.map((value) => value * a + b)
    expectClose(velocity.data, expected, 1e-5)
    for (const each of [latent, velocity]) model.kernels.free(each)
    const { stats } = await new Pipeline(model).generate({ prompt: 'a red apple', seed: 1, schedule: 'quick' })
    expect(stats).toMatchObject({ live: 0, textTokens: 8 + 8 })

    const wrong = (await open(changes)).model
    const failure = new Pipeline(wrong).generate({ prompt: 'a red apple', seed: 1, schedule: 'quick' })
    await expect(failure).rejects.toMatchObject({ name: 'ModelFailed', message: expect.stringContaining('text_2') })
    expect(wrong.kernels.live).toBe(0)
  })

  it('are asked in turn, and one that fails fails the prompt', async () => {
    const asked: number[] = []
    const part = (number: number, fails = false) => ({
      tokenizer: { tokenize: () => ({ ids: [number], mask: [1], count: 1, truncated: false }) },
      encoder: {
        async encode(ids: readonly number[]): Promise<Conditioning['tensors']> {
          asked.push(ids[0] as number)
          if (fails) throw new Error('broken')
          return { [`states_${ids[0]}`]: { dims: [1, 1], data: Float32Array.of(number) } }
        },
      },
    })
    const { tensors } = await createPromptEncoder([part(3), part(1), part(2)]).encode('')
    expect(asked).toEqual([3, 1, 2])
    expect(Object.keys(tensors)).toEqual(['states_3', 'states_1', 'states_2'])
    await expect(createPromptEncoder([part(1), part(2, true), part(3)]).encode('')).rejects.toThrow('broken')
  })
})

describe('the picture encoder', () => {
  const file = 'testing/picture-encoder.onnx'
  const files = [...tiny.files, { ...tiny.files[0], path: file }]
  const signature = { file, input: 'picture', output: 'latent' }
  const picture = { width: 64, height: 64, data: new Uint8ClampedArray(4 * 64 * 64).fill(255) }

  it('is there where the manifest has one; its latent starts the loop', async () => {
    expect((await open({})).model.pictureEncoder).toBeUndefined()
    const { model, loaded, events } = await open({ files, encoder: signature })
    expect(loaded.at(-1)).toBe(file)
    expect(events.flatMap((event) => (event.stage === 'compile' ? [event.file] : []))).not.toContain(file)
    const { kernels, denoiser, promptEncoder } = model
    const x0 = (await model.pictureEncoder?.encode(picture, 8, 2)) as CpuLatent
    expect(x0.shape).toEqual({ batch: 2, channels: 8, height: 8, width: 8 })
    expect(new Set(x0.data)).toEqual(new Set([1]))
    const schedule = [...([{ size: 8, sigma: 1 }] as const), { size: 12, sigma: 0.6 }] as const
    const options = { schedule, channels: 8, seeds: [1n, 2n], start: { x0, sigma: 0.7 } }
    const loop = sample(denoiser, kernels, await promptEncoder.encode('a red apple'), options)
    expect(await loop.next()).toMatchObject({ value: { stepIndex: 1 } })
    const { value } = await loop.next()
    expect(value).toMatchObject({ shape: { batch: 2, height: 12 } })
    for (const latent of [value as CpuLatent, x0]) kernels.free(latent)
    expect(kernels.live).toBe(0)
  })

  it('says, when it is first used, that its file is no graph, and again when it is tried again', async () => {
    const { model } = await open({ encoder: { ...signature, file: 'tokenizer.json' } })
    for (const _ of [1, 2]) {
      await expect(model.pictureEncoder?.encode(picture, 8)).rejects.toMatchObject({
        name: 'ModelFailed',
        message: expect.stringContaining('tokenizer.json'),
      })
    }
  })
})

describe('weights beside a graph', () => {
  /** velocity = latent · 3 + 0.5, of two tensors of one number in two files (made with onnx.helper, opset 17). */
  const file = 'testing/external-denoiser.onnx'
  const data = ['testing/external-denoiser.0.bin', 'testing/external-denoiser.1.bin']
  const files = [...tiny.files, ...[file, ...data].map((path) => ({ ...tiny.files[0], path }))]
  const denoiser = { ...tiny.denoiser, file, data }

  it('are loaded with it, after it, and reach its session by the names that the graph gives them', async () => {
    const { model, loaded, events } = await open({ files, denoiser })
    expect(loaded.slice(loaded.indexOf(file)).slice(0, 3)).toEqual([file, ...data])
    expect(events.flatMap((event) => (event.stage === 'compile' ? [event.file] : []))).toContain(file)
    const latent = model.kernels.noise({ batch: 1, channels: 8, height: 8, width: 8 }, { seeds: [1n], step: 0 })
    const velocity = await model.denoiser.velocity(latent, 1, await model.promptEncoder.encode('a red apple'))
    expectClose(
      velocity.data,
      latent.data.map((value) => value * 3 + 0.5),
      1e-6,
    )
  })

  it('that the manifest leaves out stop the session by name', async () => {
    await expect(open({ files, denoiser: { ...denoiser, data: data.slice(1) } })).rejects.toMatchObject({
      name: 'ModelFailed',
      message: expect.stringContaining(file),
    })
  })
})

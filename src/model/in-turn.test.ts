import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { createDiskLoader } from '../cli/model'
import type { CpuLatent } from '../kernels/cpu'
import { type Manifest, withVariant } from '../manifest'
import { parseManifest } from '../manifest/parse'
import { Pipeline } from '../pipeline'
import { loadOrt } from '../runtime/ort'
import type { EngineProgress, GenerateResult } from '../types'
import { assemble } from './assemble'
import { createCpuPlatform } from './cpu-platform'
import { PartsInTurn } from './in-turn'
import type { Platform } from './parts'

const folder = fileURLToPath(new URL('../../models/tiny-sd35', import.meta.url))
const backend = { name: 'wasm', reason: 'Tested.' } as const
const load = createDiskLoader(folder)
const request = { prompt: 'a red apple', seed: 3, schedule: '4-steps', preview: 'none' } as const
const TEXT = ['text-encoder-1.onnx', 'text-encoder-2.onnx', 'text-encoder-3.onnx']
const DRAWING = ['denoiser.plain.onnx', 'decoder.onnx']

let manifest: Manifest
let platform: Platform<CpuLatent>

beforeAll(async () => {
  manifest = withVariant(parseManifest(JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8'))))
  platform = createCpuPlatform(await loadOrt(), backend)
})

/** A pipeline by turns; what happens to its platforms and graphs is written down. */
function setUp(changes: Partial<Manifest> = {}, loader = load) {
  const log: string[] = []
  let opened = 0
  const parts = new PartsInTurn<CpuLatent>({ ...manifest, ...changes }, backend, loader, async () => {
    const number = ++opened
    log.push(`open ${number}`)
    return { platform, close: () => log.push(`close ${number}`) }
  })
  const onProgress = (event: EngineProgress) => {
    if (event.stage === 'compile') log.push(event.file)
    if (event.stage === 'warning') log.push(event.message)
  }
  const pipeline = new Pipeline(parts)
  const draw = (changes: object = {}, signal?: AbortSignal) =>
    pipeline.generate({ ...request, ...changes }, { onProgress, signal })
  return { log, draw }
}

const pixels = ({ image }: GenerateResult) => Buffer.from(image.data).toString('base64')

describe('a model whose parts are in memory by turns', () => {
  it('draws what the same model draws with all of it in memory', async () => {
    expect(manifest.residency).toBe('in turn')
    const together = new Pipeline(await assemble({ ...manifest, residency: 'together' }, platform, { load }))
    const expected = await together.generate(request)
    const { draw } = setUp()
    const result = await draw()
    expect(result.image.width).toBe(256)
    expect(pixels(result)).toBe(pixels(expected))
    expect(new Set(result.image.data).size).toBeGreaterThan(50)
    expect(result.stats.live).toBe(0)
  })

  it('closes one phase before it opens the next, and keeps the conditioning of prompts', async () => {
    const { log, draw } = setUp()
    await draw()
    expect(log).toEqual(['open 1', ...TEXT, 'close 1', 'open 2', ...DRAWING])
    log.length = 0
    const other = await draw({ seed: 4, schedule: '6-steps' })
    expect(log).toEqual([]) // The prompt is known, and what draws is there.
    await draw({ prompt: 'a blue car' })
    expect(log).toEqual(['close 2', 'open 3', ...TEXT, 'close 3', 'open 4', ...DRAWING])
    log.length = 0
    const again = await draw({ seed: 4, schedule: '6-steps' })
    expect(log).toEqual([])
    expect(pixels(again)).toBe(pixels(other))
  })

  it('refuses a size that it has no positions for before anything is loaded, and draws the largest', async () => {
    const { log, draw } = setUp()
    const first = { size: 8, sigma: 1 }
    for (const size of [56, [50, 48], [8, 50], [48, 1024]]) {
      for (const schedule of [[{ size, sigma: 1 }], [first, { size, sigma: 0.5 }]]) {
        await expect(draw({ schedule, count: 2 })).rejects.toMatchObject({
          name: 'InvalidSchedule',
          message: expect.stringMatching(
            /^Step \d has size (50|56|1024)\. Give a multiple of 2 from 2 to 48 latent cells\.$/,
          ),
        })
      }
    }
    for (const size of [0, 47, [2, 47], -2]) {
      await expect(draw({ schedule: [{ size, sigma: 1 }] })).rejects.toMatchObject({ name: 'InvalidSchedule' })
    }
    expect(log).toEqual([])
    const { image, stats } = await draw({ schedule: [first, { size: [8, 48], sigma: 0.5 }] })
    expect([image.width, image.height, stats.live]).toEqual([384, 64, 0])
  })

  it('ends between the phases when it is cancelled, and draws afterwards', async () => {
    const { log, draw } = setUp()
    const controller = new AbortController()
    const { push } = log
    log.push = (...lines) => {
      if (lines[0] === TEXT[2]) controller.abort()
      return push.apply(log, lines)
    }
    await expect(draw({}, controller.signal)).rejects.toMatchObject({ name: 'AbortError' })
    expect(log).not.toContain(DRAWING[0])
    log.push = push
    expect((await draw()).stats.live).toBe(0)
  })

  it.each([TEXT[1], DRAWING[1]])('closes the phase in which %s could not be loaded, and tries again', async (file) => {
    let fails = true
    const { log, draw } = setUp({}, async (wanted, signal) => {
      if (wanted.path === file && fails) throw Object.assign(new Error('lost'), { name: 'DownloadFailed' })
      return load(wanted, signal)
    })
    await expect(draw()).rejects.toMatchObject({ name: 'DownloadFailed' })
    expect(log.filter((line) => line.startsWith('open')).length).toBe(
      log.filter((line) => line.startsWith('close')).length,
    )
    fails = false
    expect((await draw()).stats.live).toBe(0)
  })

  it('draws with written-out attention where the fused one is wrong, says so once, and the picture is the same', async () => {
    const { denoiser } = manifest
    const strict = { ...denoiser, fused: { ...(denoiser.fused as NonNullable<typeof denoiser.fused>), limit: -1 } }
    const { log, draw } = setUp({ denoiser: strict })
    const plain = await draw()
    await draw({ prompt: 'a blue car' })
    expect(log.filter((line) => line.includes("ONNX Runtime's attention wrong"))).toHaveLength(1)
    const fused = await setUp().draw()
    const differences = fused.image.data.map((value, i) => Math.abs(value - (plain.image.data[i] as number)))
    expect(differences.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(1)
  })
})

/**
 * Draws through the engine's own parts in Node and writes what each of them computed, for the tests that compare with
 * diffusers (training/tests/test_convert_engine.py):
 *   npx tsx scripts/record-drawing.ts MODEL request.json recording.json
 * The request has `prompt`, `seeds` and `schedule`. Arrays are base64 of little-endian float32, in NCHW.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createDiskLoader, findModel } from '../src/cli/model'
import { createCpuPlatform } from '../src/model/cpu-platform'
import { PartsInTurn } from '../src/model/in-turn'
import { loadOrt } from '../src/runtime/ort'
import { sample } from '../src/sample'
import type { Denoiser, ScaleSchedule } from '../src/types'

const [model = '', from = '', to = ''] = process.argv.slice(2)
const request: { prompt: string; seeds: number[]; schedule: ScaleSchedule } = JSON.parse(readFileSync(from, 'utf8'))
const backend = { name: 'wasm', reason: 'Recorded.' } as const
const { manifest, folder } = await findModel(model)
const platform = createCpuPlatform(await loadOrt(), backend)
const parts = new PartsInTurn(manifest, backend, createDiskLoader(folder), async () => ({ platform, close() {} }))

const conditioning = await parts.encode(request.prompt, {})
const { kernels, denoiser, decoder } = await parts.drawing({})
const velocities: string[] = []
const recorded: typeof denoiser = {
  async velocity(...args: Parameters<Denoiser<never>['velocity']>) {
    const velocity = await denoiser.velocity(...args)
    velocities.push(base64(await kernels.read(velocity)))
    return velocity
  },
}
const channels = manifest.denoiser.latentChannels
const seeds = request.seeds.map(BigInt) as [bigint, ...bigint[]]
const loop = sample(recorded, kernels, conditioning, { schedule: request.schedule, channels, seeds })
const estimates: string[] = []
for (;;) {
  const { done, value } = await loop.next()
  if (done) {
    const picture = await decoder.decode(value)
    const tensors = Object.entries(conditioning.tensors).map(([name, { data }]) => [name, base64(data)])
    const pixels = base64(await kernels.read(picture))
    for (const latent of [value, picture]) kernels.free(latent)
    const { live } = kernels
    writeFileSync(
      to,
      JSON.stringify({ conditioning: Object.fromEntries(tensors), velocities, estimates, pixels, live }),
    )
    break
  }
  estimates.push(base64(await kernels.read(value.x0())))
}

function base64(numbers: Float32Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64')
}

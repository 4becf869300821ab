/** Imported by parity.spec.ts into a page that the source server serves: the engine's parts, without its worker. */
import { parseManifest } from '../../src/manifest/parse'
import { assemble } from '../../src/model/assemble'
import { createGpuPlatform } from '../../src/model/gpu-platform'
import { type Deviations, deviations, type Golden } from '../../src/model/testing/parity'
import { chooseBackend } from '../../src/runtime/device'
import { loadOrt } from '../../src/runtime/ort'

/** Distances of a model on WebGPU to PyTorch's golden, and how many latents were left. */
export async function parityOnWebGPU(name: string): Promise<Deviations & { readonly live: number }> {
  const folder = `/models/${name}`
  const manifest = parseManifest(await (await fetch(`${folder}/manifest.json`)).json())
  const golden: Golden = await (await fetch(`/src/model/golden/parity-${name}.json`)).json()
  const { report, device } = await chooseBackend('webgpu', manifest.requires)
  if (!device) throw new Error('The chosen backend has no device.')
  const platform = await createGpuPlatform(await loadOrt('webgpu'), report, device)
  const model = await assemble(manifest, platform, {
    load: async ({ path }) => new Uint8Array(await (await fetch(`${folder}/${path}`)).arrayBuffer()),
  })
  const found = await deviations(model, golden)
  return { ...found, live: platform.kernels.live }
}

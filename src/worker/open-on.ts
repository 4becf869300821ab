import type { LoadRequest } from '../bridge/messages'
import { loadPart } from '../load-part'
import { withVariant } from '../manifest'
import { assemble } from '../model/assemble'
import type { LoadOptions } from '../model/files'
import type { Model, ModelInTurn } from '../pipeline'
import type { GpuCapabilities } from '../requirements'
import { chooseBuild, RUNTIME_BYTES } from '../runtime/builds'
import { usableGpu } from '../runtime/device'
import { startAndTell } from '../runtime/start'
import type { EngineProgress, Latent } from '../types'
import { type ChooseVariant, type FoundManifest, lookUpModel, type OpenModel, openModel } from '../weights/open-model'
import { type ChosenPlatform, choosePlatform } from './choose-platform'

/** A model's manifest and files, and the device that its graphs were chosen for. */
export interface OpenedOn extends OpenModel {
  readonly chosen: ChosenPlatform
}

const choiceFor =
  (backend: LoadRequest['backend']): ChooseVariant =>
  async (manifest) =>
    withVariant(manifest, await usableGpu(backend, manifest.requires))

/** A model's manifest, and the bytes of the build of ONNX Runtime that would draw it. */
export interface DescribedModel extends FoundManifest {
  readonly runtimeBytes: number
}

/**
 * A model's manifest, with the graphs that `backend: 'auto'` would choose here.
 *
 * @throws EngineError as `findManifest` does.
 */
export async function describeModel(address: string, signal: AbortSignal): Promise<DescribedModel> {
  let gpu: GpuCapabilities | undefined
  const found = await lookUpModel(address, signal, async (manifest) => {
    gpu = await usableGpu('auto', manifest.requires)
    return withVariant(manifest, gpu)
  })
  return { ...found, runtimeBytes: RUNTIME_BYTES[chooseBuild(gpu ? 'webgpu' : 'wasm')] }
}

/**
 * The model's manifest and files, with the graphs for the device that will be chosen.
 *
 * @throws EngineError as `openModel` does.
 */
export function openFiles(
  { manifest, backend, acceptLicence, stored, page }: LoadRequest,
  progress: (event: EngineProgress) => void,
  signal: AbortSignal,
): Promise<OpenModel> {
  return openModel(manifest, { progress }, signal, { acceptLicence, stored, page, choose: choiceFor(backend) })
}

/**
 * Finds the model, chooses the device and the graphs for it.
 *
 * @throws EngineError as `openModel` and `choosePlatform` do.
 */
export async function openOn(
  request: LoadRequest,
  progress: (event: EngineProgress) => void,
  signal: AbortSignal,
): Promise<OpenedOn> {
  const opened = await openFiles(request, progress, signal)
  try {
    const chosen = await choosePlatform(request, opened.manifest)
    const { name, reason } = chosen.platform.backend
    const gpuGraphs = opened.manifest.requires.features.some((feature) => feature !== 'wasm')
    if (name !== 'wasm' || !gpuGraphs || request.backend === 'wasm') return { ...opened, chosen }
    // The graphs were chosen for a GPU that then refused its device: others run on the CPU.
    opened.close()
    return openOn({ ...request, backend: 'wasm', because: reason }, progress, signal)
  } catch (error) {
    opened.close()
    throw error
  }
}

/** All of the model in memory, or by turns, as its manifest says. */
export async function partsOf(
  { manifest, load, chosen }: OpenedOn,
  { wasmPaths }: LoadRequest,
  options: LoadOptions,
): Promise<Model<Latent> | ModelInTurn<Latent>> {
  if (manifest.residency === 'together') return assemble(manifest, chosen.platform, options)
  const { PartsInTurn } = await loadPart('in-turn', import('../model/in-turn'))
  const { backend } = chosen.platform
  let first: ChosenPlatform | undefined = chosen
  const model = new PartsInTurn<Latent>(manifest, backend, load, async () => {
    const platform = first ?? (await choosePlatform({ backend: backend.name, wasmPaths }, manifest, chosen.lossGuard))
    first = undefined
    return platform
  })
  // A session that needs it fails as well, and is told then.
  startAndTell(chosen.platform.ort, options.onProgress).catch(() => {})
  await model.download(options)
  return model
}

import type { LoadRequest } from '../bridge/messages'
import { withVariant } from '../manifest'
import { assemble } from '../model/assemble'
import type { LoadOptions } from '../model/files'
import type { Model, ModelInTurn } from '../pipeline'
import { usableGpu } from '../runtime/device'
import type { Ort } from '../runtime/ort'
import type { EngineProgress, Latent } from '../types'
import { type OpenModel, openModel } from '../weights/open-model'
import { type ChosenPlatform, choosePlatform } from './choose-platform'

/** A model's manifest and files, and the device that its graphs were chosen for. */
export interface OpenedOn extends OpenModel {
  readonly chosen: ChosenPlatform
}

/**
 * Finds the model, chooses the device and the graphs for it.
 *
 * @throws EngineError as `openModel` and `choosePlatform` do.
 */
export async function openOn(
  { manifest: address, backend, acceptLicence }: LoadRequest,
  runtime: Promise<Ort>,
  progress: (event: EngineProgress) => void,
  signal: AbortSignal,
): Promise<OpenedOn> {
  async function open(on: LoadRequest['backend']): Promise<OpenedOn> {
    const opened = await openModel(address, { progress }, signal, {
      acceptLicence,
      choose: async (manifest) => withVariant(manifest, await usableGpu(on, manifest.requires)),
    })
    try {
      return { ...opened, chosen: await choosePlatform(runtime, on, opened.manifest) }
    } catch (error) {
      opened.close()
      throw error
    }
  }
  const opened = await open(backend)
  const needs = opened.manifest.requires.features
  if (opened.chosen.platform.backend.name !== 'wasm' || needs.length === 0) return opened
  // The graphs were chosen for a GPU that then refused its device: others run on the CPU.
  opened.close()
  return open('wasm')
}

/** All of the model in memory, or by turns, as its manifest says. */
export async function partsOf(
  { manifest, load, chosen }: OpenedOn,
  runtime: Promise<Ort>,
  options: LoadOptions,
): Promise<Model<Latent> | ModelInTurn<Latent>> {
  if (manifest.residency === 'together') return assemble(manifest, chosen.platform, options)
  const { PartsInTurn } = await import('../model/in-turn')
  const { backend } = chosen.platform
  let first: ChosenPlatform | undefined = chosen
  const model = new PartsInTurn<Latent>(manifest, backend, load, async () => {
    const platform = first ?? (await choosePlatform(runtime, backend.name, manifest, chosen.lossGuard))
    first = undefined
    return platform
  })
  await model.download(options)
  return model
}

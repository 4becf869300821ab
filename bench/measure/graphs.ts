/** The three graphs one call at a time: their time, and what they answer to fixed inputs. */
import type { Manifest } from '../../src/manifest'
import { relativeL2 } from '../../src/model/testing/parity'
import type { Conditioning } from '../../src/types'
import { type GraphName, msOf } from './clock'
import { longestPrompt, type Subject } from './subject'

/** The latent that decoders and denoisers are compared on, in cells. */
const SIZE = 16

/**
 * Runs one graph once, on inputs that are the same for every model; the prompt is as long as the model reads. Returns its
 * milliseconds and its output.
 */
export async function runGraph(
  subject: Subject,
  graph: GraphName,
  size = SIZE,
): Promise<{ ms: number; output: Float32Array }> {
  const { model, manifest, take } = subject
  take()
  const conditioning = await longestPrompt(subject)
  if (graph === 'text') return { ms: msOf(take(), 'text'), output: states(conditioning, manifest) }
  const shape = { batch: 1, channels: manifest.denoiser.latentChannels, height: size, width: size }
  const latent = model.kernels.noise(shape, { seeds: [7n], step: 0 })
  take()
  const result =
    graph === 'denoiser' ? await model.denoiser.velocity(latent, 1, conditioning) : await model.decoder.decode(latent)
  const ms = msOf(take(), graph)
  const output = await model.kernels.read(result)
  model.kernels.free(result)
  model.kernels.free(latent)
  return { ms, output }
}

/** What the text encoders' graphs gave, one after the other. */
function states({ tensors }: Conditioning, { textEncoders }: Manifest): Float32Array {
  const names = textEncoders.flatMap(({ outputs }) => Object.values(outputs))
  return Float32Array.from(names.flatMap((name) => [...(tensors[name]?.data ?? [])]))
}

/** How far one model's graph is from another's, as relative L2. */
export async function graphDistance(subject: Subject, reference: Subject, graph: GraphName): Promise<number> {
  const [ours, theirs] = [await runGraph(subject, graph), await runGraph(reference, graph)]
  return relativeL2(ours.output, theirs.output)
}

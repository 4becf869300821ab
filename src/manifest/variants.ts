import { type GpuCapabilities, unmet } from '../requirements'
import type { Manifest } from './schema'

const NO_GPU: GpuCapabilities = { features: new Set(['wasm']), limits: {} }

/** The manifest with the graphs of the first variant whose needs are met; without a GPU those that need none. */
export function withVariant(manifest: Manifest, gpu: GpuCapabilities = NO_GPU): Manifest {
  const variant = manifest.variants.find(({ requires }) => unmet(gpu, requires).length === 0)
  return variant ? applied(manifest, variant) : { ...manifest, variants: [] }
}

/** A manifest that has the variant's graphs and no variants any more. */
export function applied(
  manifest: Manifest,
  { textEncoders, denoiser, decoder, requires }: Manifest['variants'][number],
): Manifest {
  return {
    ...manifest,
    ...(textEncoders && { textEncoders }),
    ...(denoiser && { denoiser }),
    ...(decoder && { decoder }),
    requires: {
      // The rest is asked of a GPU, which has no `wasm`.
      features: [...new Set([...manifest.requires.features, ...requires.features])].filter((name) => name !== 'wasm'),
      limits: { ...manifest.requires.limits, ...requires.limits },
    },
    variants: [],
  }
}

import { EngineError, shown } from '../errors'
import type { BackendName, BackendReport } from '../types'

/** What a model needs of a GPU; the manifest's `requires`. */
export interface GpuRequirements {
  readonly features: readonly string[]
  readonly limits: Readonly<Record<string, number>>
}

export interface Backend {
  readonly report: BackendReport
  /** Present on WebGPU. */
  readonly device?: GPUDevice
}

/** Used by ORT's shaders where the adapter has them. */
const OPTIONAL_FEATURES = ['shader-f16', 'subgroups']

const ADAPTER_OPTIONS = { powerPreference: 'high-performance' } as const satisfies GPURequestAdapterOptions

/** A device has low default limits whatever the adapter can do; these are the ones that models reach. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[]

/**
 * Chooses where the model runs. `auto`: WebGPU if a real GPU is there and has what the model requires, else WASM; the
 * report says why. `webgpu`: nothing else will do, software adapters included; throws `NoWebGPU`.
 */
export async function chooseBackend(wanted: 'auto' | BackendName, requires: GpuRequirements): Promise<Backend> {
  if (!['auto', 'webgpu', 'wasm'].includes(wanted)) {
    throw new EngineError('InvalidRequest', `There is no backend ${shown(wanted)}. Use 'auto', 'webgpu' or 'wasm'.`)
  }
  if (wanted === 'wasm') return wasm('WASM was asked for.')
  try {
    const adapter = await requestAdapter(requires)
    if (wanted === 'auto' && isSoftware(adapter.info)) {
      return wasm(`The only GPU adapter is a software adapter (${adapterName(adapter.info)}); WASM is faster.`)
    }
    const device = await requestDevice(adapter, requires)
    return { device, report: { name: 'webgpu', reason: `WebGPU on ${adapterName(adapter.info)}.` } }
  } catch (error) {
    if (wanted === 'auto' && error instanceof EngineError) return wasm(error.message)
    throw error
  }
}

/** A GPU as the browser offers it. */
export interface GpuReport {
  readonly name: string
  /** A processor that plays GPU: slower than WASM. */
  readonly software: boolean
  readonly features: readonly string[]
  /** The limits that models reach, as the adapter has them. */
  readonly limits: Readonly<Record<string, number>>
}

/** The GPU that `chooseBackend` would look at; undefined where WebGPU offers none. */
export async function inspectGpu(): Promise<GpuReport | undefined> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter(ADAPTER_OPTIONS).catch(() => null)
  if (!adapter) return undefined
  return {
    name: adapterName(adapter.info),
    software: isSoftware(adapter.info),
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]])),
  }
}

/** Software adapters run our shaders more slowly than ORT's own WASM runs the model. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(words)
}

async function requestAdapter(requires: GpuRequirements): Promise<GPUAdapter> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu
  if (!gpu)
    throw noWebGpu('This browser offers no WebGPU here', 'Use a current browser over https, or the WASM backend')
  const adapter = await gpu.requestAdapter(ADAPTER_OPTIONS)
  if (!adapter) throw noWebGpu('WebGPU found no usable GPU', 'Turn on hardware acceleration, or use the WASM backend')
  const missing = unmet(adapter, requires)
  if (missing.length > 0) {
    throw noWebGpu(`The GPU lacks what the model requires (${missing.join(', ')})`, 'Use the WASM backend')
  }
  return adapter
}

/** The names of required features and limits that this adapter does not reach. */
export function unmet(adapter: Pick<GPUAdapter, 'features' | 'limits'>, requires: GpuRequirements): string[] {
  const limits = adapter.limits as unknown as Record<string, number | undefined>
  return [
    ...requires.features.filter((name) => !adapter.features.has(name)),
    ...Object.entries(requires.limits)
      .filter(([name, least]) => !((limits[name] ?? 0) >= least))
      .map(([name, least]) => `${name} ≥ ${least}`),
  ]
}

async function requestDevice(adapter: GPUAdapter, requires: GpuRequirements): Promise<GPUDevice> {
  const optional = OPTIONAL_FEATURES.filter((name) => adapter.features.has(name))
  const raised = RAISED_LIMITS.filter((name) => adapter.limits[name] !== undefined)
  try {
    return await adapter.requestDevice({
      label: 'scalewise',
      requiredFeatures: [...new Set([...optional, ...requires.features])] as GPUFeatureName[],
      requiredLimits: { ...requires.limits, ...Object.fromEntries(raised.map((name) => [name, adapter.limits[name]])) },
    })
  } catch (cause) {
    throw noWebGpu(
      `The GPU refused a device (${String(cause)})`,
      'Close other tabs that use it, or use the WASM backend',
    )
  }
}

function adapterName(info: GPUAdapterInfo): string {
  const words = info.description || `${info.vendor} ${info.architecture}`.trim()
  return words || 'an unnamed GPU'
}

function wasm(reason: string): Backend {
  return { report: { name: 'wasm', reason } }
}

function noWebGpu(problem: string, remedy: string): EngineError {
  return new EngineError('NoWebGPU', `${problem}. ${remedy}.`)
}

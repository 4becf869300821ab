import type { EngineError } from '../errors'
import { loadPart } from '../load-part'
import { type GpuCapabilities, type GpuRequirements, unmet } from '../requirements'
import type { BackendName, BackendReport } from '../types'
import { waits, within } from '../waits'
import type { GpuProblem } from './device-problems'

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
 * report says why. `webgpu`: nothing else will do, software adapters included; throws `NoWebGPU`. `because`: why WASM is
 * asked for.
 */
export async function chooseBackend(
  wanted: 'auto' | BackendName,
  requires: GpuRequirements,
  because = 'WASM was asked for.',
): Promise<Backend> {
  if (!['auto', 'webgpu', 'wasm'].includes(wanted)) throw (await problems()).noBackend(wanted)
  if (wanted === 'wasm') return wasm(because)
  try {
    const adapter = await findAdapter()
    const missing = unmet(adapter, requires)
    if (missing.length > 0) {
      throw await noWebGpu('lacking', missing.join(', '))
    }
    if (wanted === 'auto' && isSoftware(adapter.info)) {
      return wasm(`The only GPU adapter is a software adapter (${adapterName(adapter.info)}); WASM is faster.`)
    }
    const device = await requestDevice(adapter, requires)
    return { device, report: { name: 'webgpu', reason: `WebGPU on ${adapterName(adapter.info)}.` } }
  } catch (error) {
    if (wanted === 'auto') return wasm((error as Error).message)
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
  const adapter = await findAdapter().catch(() => undefined)
  return (
    adapter && {
      name: adapterName(adapter.info),
      software: isSoftware(adapter.info),
      features: [...adapter.features].sort(),
      limits: Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]])),
    }
  )
}

/** What `chooseBackend` will find for these needs; undefined where it will take WASM. */
export async function usableGpu(
  wanted: 'auto' | BackendName,
  requires: GpuRequirements,
): Promise<GpuCapabilities | undefined> {
  if (wanted === 'wasm') return undefined
  const adapter = await findAdapter().catch(() => undefined)
  if (!adapter || unmet(adapter, requires).length > 0) return undefined
  return wanted === 'auto' && isSoftware(adapter.info) ? undefined : adapter
}

/** Software adapters run our shaders more slowly than ORT's own WASM runs the model. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(words)
}

/** Throws `NoWebGPU` where there is none, and where WebGPU fails or does not answer. */
async function findAdapter(): Promise<GPUAdapter> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu
  if (!gpu) throw await noWebGpu('noApi')
  let adapter: GPUAdapter | null
  try {
    adapter = await within(waits.adapterMs, gpu.requestAdapter(ADAPTER_OPTIONS))
  } catch (cause) {
    throw await noWebGpu('noAnswer', cause)
  }
  if (!adapter) throw await noWebGpu('noAdapter')
  return adapter
}

async function requestDevice(adapter: GPUAdapter, requires: GpuRequirements): Promise<GPUDevice> {
  // ORT's fused attention is wrong by a percent on SwiftShader with subgroups, and right without.
  const wanted = isSoftware(adapter.info) ? OPTIONAL_FEATURES.filter((name) => name !== 'subgroups') : OPTIONAL_FEATURES
  const optional = wanted.filter((name) => adapter.features.has(name))
  const raised = RAISED_LIMITS.filter((name) => adapter.limits[name] !== undefined)
  let request: Promise<GPUDevice> | undefined
  try {
    request = adapter.requestDevice({
      label: 'scalewise',
      requiredFeatures: [...new Set([...optional, ...requires.features])] as GPUFeatureName[],
      requiredLimits: { ...requires.limits, ...Object.fromEntries(raised.map((name) => [name, adapter.limits[name]])) },
    })
    return await within(waits.deviceMs, request)
  } catch (cause) {
    // One that comes after all is nobody's.
    request?.then((device) => device.destroy()).catch(() => {})
    throw await noWebGpu('refused', cause)
  }
}

function adapterName(info: GPUAdapterInfo): string {
  const words = info.description || `${info.vendor} ${info.architecture}`.trim()
  return words || 'an unnamed GPU'
}

function wasm(reason: string): Backend {
  return { report: { name: 'wasm', reason } }
}

function problems() {
  return loadPart('device-problems', import('./device-problems'))
}

async function noWebGpu(problem: GpuProblem, detail?: unknown): Promise<EngineError> {
  return (await problems()).noWebGpuError(problem, detail)
}

import type { EngineProgress, WeightSource } from '../types'
import { RUNTIME_BYTES } from './builds'
import { IDENTITY } from './identity'
import { nodeBuild } from './node-build'
import { buildOf, createSession, type Ort } from './ort'

const starts = new WeakMap<Ort, Promise<void>>()

/**
 * Has ONNX Runtime fetch and start its .wasm, once: only a session does that, and so it makes one of a model that hands
 * back a number. Threads have to be chosen before.
 *
 * @throws EngineError as `createSession` does.
 */
export function startRuntime(ort: Ort): Promise<void> {
  const started = starts.get(ort) ?? start(ort)
  starts.set(ort, started)
  return started
}

async function start(ort: Ort): Promise<void> {
  await (await createSession(ort, 'ONNX Runtime', IDENTITY, { name: 'wasm' })).release()
}

/**
 * The same, told as the download of one file. ONNX Runtime does not say how much of it has come: all has, or nothing.
 *
 * @throws EngineError as `createSession` does.
 */
export async function startAndTell(ort: Ort, onProgress?: (event: EngineProgress) => void): Promise<void> {
  const build = buildOf(ort)
  if (nodeBuild || !build) return
  const total = RUNTIME_BYTES[build]
  const tell = (loaded: number, source: WeightSource): void =>
    onProgress?.({ stage: 'download', file: `onnxruntime-web (${build})`, loaded, total, source })
  tell(0, 'network')
  await startRuntime(ort)
  tell(total, cameFromCache() ? 'store' : 'network')
}

/** Another origin does not say, and counts as a cache. */
function cameFromCache(): boolean {
  const asked = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  return asked.findLast(({ name }) => /\.wasm$/.test(name))?.transferSize === 0
}

import type { EngineProgress } from '../types'

/** How far loading is, in one figure. */
export interface OverallProgress {
  /** From 0 to 1; it never falls, and is 1 at the end. */
  readonly fraction: number
  /** Bytes that are here, and of all that is needed, ONNX Runtime's included: as they are stored, not as they travel. */
  readonly loadedBytes: number
  readonly totalBytes: number
  /** `waiting`: the connection was lost, and is tried again. `preparing`: everything is here, sessions are being made. */
  readonly doing: 'downloading' | 'waiting' | 'preparing' | 'ready'
}

/** Of the whole; making sessions of what has come takes the rest. */
const DOWNLOAD_PART = 0.8

/**
 * Makes one figure of the detailed events of `createEngine` or `preload`:
 * `createEngine({ model, onProgress: overallProgress(({ fraction }) => (bar.value = fraction)) })`.
 *
 * What comes after the end, such as the events of a request, is passed over.
 */
export function overallProgress(listener: (progress: OverallProgress) => void): (event: EngineProgress) => void {
  const files = new Map<string, { loaded: number; total: number }>()
  let fraction = 0
  let prepared = 0
  let doing: OverallProgress['doing'] = 'downloading'

  return (event) => {
    if (doing === 'ready') return
    if (event.stage === 'download') {
      files.set(event.file, event)
      doing = 'downloading'
    } else if (event.stage === 'retry') doing = 'waiting'
    else if (event.stage === 'compile') prepared = event.index / event.count
    else if (event.stage === 'ready' || event.stage === 'preloaded') doing = 'ready'
    else return
    const [loadedBytes, totalBytes] = (['loaded', 'total'] as const).map((field) =>
      [...files.values()].reduce((sum, file) => sum + file[field], 0),
    ) as [number, number]
    const whole = totalBytes > 0 && loadedBytes >= totalBytes
    if (whole && doing !== 'ready') doing = 'preparing'
    const part = whole ? 1 : totalBytes > 0 ? loadedBytes / totalBytes : 0
    fraction = doing === 'ready' ? 1 : Math.max(fraction, DOWNLOAD_PART * part + (1 - DOWNLOAD_PART) * prepared * part)
    listener({ fraction, loadedBytes, totalBytes, doing })
  }
}

/** Every way a call can fail. A name survives the worker boundary; an instance does not. */
export type EngineErrorName =
  | 'AbortError'
  | 'InvalidRequest'
  | 'InvalidSeed'
  | 'InvalidSchedule'
  | 'UnknownSchedule'
  | 'UnknownStyle'
  | 'InvalidManifest'
  | 'LicenceNotAccepted'
  | 'DownloadFailed'
  | 'CorruptFile'
  | 'StorageRefused'
  | 'ModelBusy'
  | 'NoWebGPU'
  | 'DeviceLost'
  | 'OutOfMemory'
  | 'ModelFailed'
  | 'WorkerCrashed'
  | 'Disposed'

/** Terms that a person has to accept before a model's weights are loaded; plain text from its manifest. */
export interface Notice {
  readonly title: string
  readonly text: string
  readonly url: string
  /** SHA-256 of title, text and address, lower-case hexadecimal: what `acceptLicence` takes. Other terms have another. */
  readonly hash: string
}

/** Says what went wrong and what to do about it; the message ends with the remedy. */
export class EngineError extends Error {
  override readonly name: EngineErrorName
  /** Of 'LicenceNotAccepted'. */
  readonly notice?: Notice

  constructor(name: EngineErrorName, message: string, options?: { cause?: unknown; notice?: Notice }) {
    // Addresses and what a runtime says may have no end: the beginning and the remedy stay.
    super(message.length > 1200 ? `${message.slice(0, 600)}…${message.slice(-600)}` : message, options)
    this.name = name
    if (options?.notice) this.notice = options.notice
  }
}

/** True for an `EngineError` of this name, also for one that crossed a worker boundary. */
export function isEngineError(error: unknown, name: EngineErrorName): error is EngineError {
  return error instanceof Error && error.name === name
}

/**
 * A value of unknown origin as words for a message: numbers and (shortened) strings as they are, of everything else the
 * type. Never throws, as `String` does for objects without a usable `toString`.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value)
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** @throws EngineError 'AbortError' if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal)
}

/** Waits for `work`, or throws `AbortError` as soon as the signal fires. The work itself continues. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  throwIfAborted(signal)
  let stop = () => {}
  const aborted = new Promise<void>((resolve) => (stop = resolve))
  signal?.addEventListener('abort', stop)
  try {
    await Promise.race([work, aborted])
    throwIfAborted(signal)
    return await work
  } finally {
    // A signal may live long: it must not keep everything that ever waited.
    signal?.removeEventListener('abort', stop)
  }
}

export function abortError(signal: AbortSignal): EngineError {
  return new EngineError('AbortError', 'The call was cancelled by its signal.', { cause: signal.reason })
}

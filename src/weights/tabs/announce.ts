/** What tabs tell each other: loaded beside the first download. */
const CHANNEL = 'scalewise/files'

export interface FileMessage {
  readonly lock: string
  readonly loaded: number
}

type Warn = (message: string) => void

const warned = new WeakSet<Warn>()

/** Once for each loading. */
export function warnOfTabs(warn: Warn): void {
  if (warned.has(warn)) return
  warned.add(warn)
  warn('This browser keeps its tabs from knowing of each other: each may download the model, and none is freed.')
}

/** Undefined where the browser refuses: tabs then say nothing to each other, which costs no picture. */
export function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(CHANNEL)
  } catch {
    return undefined
  }
}

let own: BroadcastChannel | undefined
/** When each file was announced last, milliseconds. */
const last = new Map<string, number>()

/** Announces to the other tabs how far this one is with a file, at most every 100 ms. */
export function announce(lock: string, loaded: number, warn: Warn): void {
  const now = performance.now()
  if (now - (last.get(lock) ?? Number.NEGATIVE_INFINITY) < 100) return
  last.set(lock, now)
  // It stays open as long as the worker, which has one engine.
  own ??= openChannel()
  if (own) own.postMessage({ lock, loaded } satisfies FileMessage)
  else warnOfTabs(warn)
}

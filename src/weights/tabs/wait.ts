/** Waiting for another tab: loaded where one downloads the file that is wanted. */
import { throwIfAborted } from '../../errors'
import type { EngineProgress } from '../../types'
import { waits } from '../../waits'
import { type FileMessage, openChannel } from './announce'
import { requestLock } from './locks'

/**
 * Runs `work` as soon as the lock is free, with `true`. A tab that says nothing for long may be suspended or hung: then
 * it runs beside it, with `false`.
 */
export async function waitFor<T>(
  name: string,
  file: { readonly path: string; readonly bytes: number },
  work: (alone: boolean) => Promise<T>,
  signal: AbortSignal | undefined,
  listener: { progress(event: EngineProgress): void },
): Promise<T> {
  throwIfAborted(signal)
  const ended = new AbortController()
  const end = () => ended.abort()
  const stop = followTab(name, file, listener, end)
  signal?.addEventListener('abort', end)
  let granted = false
  try {
    return await requestLock(name, { signal: ended.signal }, () => {
      granted = true
      stop()
      return work(true)
    })
  } catch (error) {
    throwIfAborted(signal)
    if (granted || !ended.signal.aborted) throw error
    return await work(false)
  } finally {
    stop()
    signal?.removeEventListener('abort', end)
  }
}

/** Follows a tab until the returned function is called. What on this channel is not a message of its kind is ignored. */
function followTab(
  lock: string,
  { path, bytes }: { readonly path: string; readonly bytes: number },
  { progress }: { progress(event: EngineProgress): void },
  giveUp: () => void,
): () => void {
  const warn = (words: string) =>
    progress({ stage: 'warning', message: `Another tab downloads ${path} and is silent: ${words}.` })
  let timers: ReturnType<typeof setTimeout>[] = []
  function listen(): void {
    timers.forEach(clearTimeout)
    timers = [
      setTimeout(() => warn('it may be suspended'), waits.quietMs),
      setTimeout(() => {
        warn('the file is downloaded here as well')
        giveUp()
      }, waits.hungMs),
    ]
  }
  listen()
  const channel = openChannel()
  channel?.addEventListener('message', ({ data }: MessageEvent<Partial<FileMessage> | null>) => {
    const loaded = data?.lock === lock ? data.loaded : undefined
    if (!Number.isInteger(loaded) || (loaded as number) < 0 || (loaded as number) > bytes) return
    listen()
    progress({ stage: 'download', file: path, loaded: loaded as number, total: bytes, source: 'tab' })
  })
  return () => {
    timers.forEach(clearTimeout)
    channel?.close()
  }
}

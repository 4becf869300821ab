import { proxy, type Remote, wrap } from 'comlink'
import type { Picture } from '../../index'
import type { AwayApi } from './away-worker'
import type { Look } from './compose'

let worker: Remote<AwayApi> | undefined

/** The worker that makes files; it begins with the first call and stays. */
export function files(): Remote<AwayApi> {
  worker ??= wrap<AwayApi>(new Worker(new URL('./away-worker.ts', import.meta.url), { type: 'module' }))
  return worker
}

/** As `whatsappPack`, from the page's side. */
export function packForWhatsapp(
  pictures: readonly Picture[],
  look: Look,
  title: string,
  progress: (done: number) => void,
): Promise<Blob> {
  return files().whatsappPack(pictures, look, title, proxy(progress))
}

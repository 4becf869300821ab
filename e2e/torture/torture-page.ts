/** Served to the torture run alone, never built: loads and draws without waiting, and says later what came of it. */
import { createEngine, deleteModel } from '../../src/index'
import { waits } from '../../src/waits'
import { type OpenOptions, openModel } from '../../src/weights/open-model'
import { seeStore } from './oracle'

export interface Settled {
  readonly what: string
  readonly error?: { readonly name: string; readonly message: string }
  /** What is not as it must be. */
  readonly wrong?: string
}

declare global {
  interface Window {
    torture: typeof torture
  }
}

Object.assign(waits, { openMs: 3_000, transactionMs: 8_000, quietMs: 1_000, hungMs: 3_000, freeingMs: 1_000 })

let stop = new AbortController()
let running: Promise<Settled>[] = []

function run(what: string, work: (signal: AbortSignal) => Promise<string | undefined>): void {
  running.push(
    work(stop.signal).then(
      (wrong) => ({ what, ...(wrong && { wrong }) }),
      ({ name, message }: Error) => ({ what, error: { name, message } }),
    ),
  )
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const torture = {
  see: seeStore,
  start({ model, options }: { model: string; options: OpenOptions }): void {
    run(`load ${model}`, async (signal) => {
      const opened = await openModel(model, { progress: () => {} }, signal, options)
      try {
        const files = await Promise.all(
          opened.manifest.files.map(async (file) => ({ file, sha256: await hashOf(await opened.load(file, signal)) })),
        )
        const other = files.find(({ file, sha256 }) => sha256 !== file.sha256)
        await opened.finish()
        return other && `${other.file.path} has other bytes than its manifest says`
      } finally {
        opened.close()
      }
    })
  },
  draw(model: string): void {
    run(`draw ${model}`, async (signal) => {
      const engine = await createEngine({ model, backend: 'wasm', signal })
      try {
        const { image, stats } = await engine.generate({ prompt: 'a red apple', seed: 7, signal })
        const hash = await hashOf(new Uint8Array(image.data))
        const right = localStorage.getItem('picture') ?? hash
        localStorage.setItem('picture', right)
        if (hash !== right) return 'another picture for the same seed'
        return stats.live > 0 ? `${stats.live} latents are left` : undefined
      } finally {
        await engine.dispose()
      }
    })
  },
  abort(): void {
    stop.abort()
    stop = new AbortController()
  },
  remove(model: string): void {
    run(`delete ${model}`, async () => void (await deleteModel(model)))
  },
  clear(): void {
    run(
      'clear',
      () =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase('scalewise')
          request.onsuccess = () => resolve(undefined)
          request.onerror = () => reject(request.error)
          // Connections close when they hear of it; one that does not would block for ever.
        }),
    )
  },
  /** What every call since the last time came to; one that has not settled is wrong. */
  async settle(ms: number): Promise<Settled[]> {
    const calls = running
    running = []
    const late = new Promise<Settled>((resolve) => {
      setTimeout(() => resolve({ what: 'a call', wrong: `still pending after ${ms / 1000} s` }), ms)
    })
    return Promise.all(calls.map((call) => Promise.race([call, late])))
  },
}

window.torture = torture

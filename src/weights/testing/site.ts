import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type FaultServer, startServer } from '../../../e2e/testing/server'
import type { ExpectedFile } from '../store/verify'

export interface Site {
  readonly server: FaultServer
  /** Address of the manifest.json, there or not. */
  readonly address: string
  put(path: string, bytes: Uint8Array): ExpectedFile
  /** Body bytes sent for a path since the last `forget`. */
  sent(path: string): number
  forget(): void
  close(): Promise<void>
}

/** A real server over an empty folder. */
export async function openSite(): Promise<Site> {
  const root = mkdtempSync(join(tmpdir(), 'scalewise-'))
  const server = await startServer({ root })
  return {
    server,
    address: `${server.url}/manifest.json`,
    put(path, bytes) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), bytes)
      return { path, bytes: bytes.length, sha256: hash(bytes) }
    },
    sent: (path) => server.requests.filter((r) => r.path === `/${path}`).reduce((sum, { sent }) => sum + sent, 0),
    forget: () => server.requests.splice(0),
    async close() {
      await server.stop()
      rmSync(root, { recursive: true })
    },
  }
}

export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Bytes that look random and are the same every time. */
export function content(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

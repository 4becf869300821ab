interface TabMessage {
  readonly sha256: string
  readonly loaded: number
}

/** Announces to the other tabs how far this one is with a file, at most every 100 ms. */
export function announceTo(sha256: string): { loaded(bytes: number): void; close(): void } {
  const channel = new BroadcastChannel('scalewise/files')
  let last = Number.NEGATIVE_INFINITY
  return {
    loaded(bytes) {
      if (performance.now() - last < 100) return
      last = performance.now()
      channel.postMessage({ sha256, loaded: bytes } satisfies TabMessage)
    },
    close: () => channel.close(),
  }
}

/** Follows how far another tab is, until the returned function is called. */
export function follow(sha256: string, onLoaded: (bytes: number) => void): () => void {
  const channel = new BroadcastChannel('scalewise/files')
  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.sha256 === sha256) onLoaded(data.loaded)
  }
  return () => channel.close()
}

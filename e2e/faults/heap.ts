/** Bytes of JavaScript heap in use after a garbage collection, over Chromium's own protocol. */
import type { CDPSession, Page } from '@playwright/test'

export interface HeapMeter {
  page(): Promise<number>
  /** Of the page's one worker. */
  worker(): Promise<number>
}

interface HeapUsage {
  readonly usedSize: number
  /** Of array buffers: pixels and latents live there. */
  readonly backingStorageSize: number
}

type Send = (method: 'HeapProfiler.collectGarbage' | 'Runtime.getHeapUsage') => Promise<unknown>

/** Begins to watch the page's workers; those that live already are found too. */
export async function openHeapMeter(page: Page): Promise<HeapMeter> {
  const session = await page.context().newCDPSession(page)
  const workers = new Set<string>()
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.add(sessionId)
  })
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId))
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  return {
    page: () => measure((method) => session.send(method)),
    worker() {
      const [only, another] = workers
      if (only === undefined || another !== undefined) throw new Error(`The page has ${workers.size} workers, not one.`)
      return measure((method) => sendToWorker(session, only, method))
    },
  }
}

async function measure(send: Send): Promise<number> {
  // What finalizers drop goes with the second collection.
  await send('HeapProfiler.collectGarbage')
  await send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = (await send('Runtime.getHeapUsage')) as HeapUsage
  return usedSize + backingStorageSize
}

let sent = 0

/** A worker has no session of Playwright's: messages to it travel inside the page's. */
function sendToWorker(session: CDPSession, sessionId: string, method: string): Promise<unknown> {
  const id = ++sent
  return new Promise((resolve, reject) => {
    session.on('Target.receivedMessageFromTarget', function receive(event) {
      const reply = JSON.parse(event.message) as { id?: number; result?: unknown; error?: { message: string } }
      if (event.sessionId !== sessionId || reply.id !== id) return
      session.off('Target.receivedMessageFromTarget', receive)
      if (reply.error) reject(new Error(reply.error.message))
      else resolve(reply.result)
    })
    session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) }).catch(reject)
  })
}

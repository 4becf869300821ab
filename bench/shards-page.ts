/** The page that bench/shards.ts watches from outside: no debugger is attached, which would keep what is downloaded. */
import { createEngine } from '../src/index'

const address = new URL(location.href).searchParams
const wasmPaths = address.get('wasm')
const options = { backend: 'webgpu', ...(wasmPaths && { wasmPaths }) } as const
const request = { prompt: 'a red apple', seed: 1, schedule: 'quick' } as const

/** Tells of a step that is done; the answer comes when the next may begin. */
async function step(name: string): Promise<void> {
  await fetch(`${address.get('steps')}/${name}`)
}

try {
  // The same graphs without the weights: what a page takes that draws.
  const small = await createEngine({ model: '/models/tiny/manifest.json', ...options })
  await small.generate(request)
  await small.dispose()
  await step('baseline')
  const engine = await createEngine({ model: address.get('model') ?? '', ...options })
  await step('download')
  await engine.generate(request)
  await step('draw')
} catch (error) {
  await step(`failed: ${encodeURIComponent(String(error))}`)
}

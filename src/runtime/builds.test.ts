import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { RUNTIME_BYTES } from './builds'

it.each([
  ['wasm', ''],
  ['webgpu', '.asyncify'],
  ['jspi', '.jspi'],
] as const)('knows the bytes of the build %s', (build, suffix) => {
  const file = `node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded${suffix}.wasm`
  expect(RUNTIME_BYTES[build]).toBe(statSync(file).size)
})

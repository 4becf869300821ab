import { expect, it, vi } from 'vitest'
import type { GraphEntry } from '../manifest'
import type { Ort } from '../runtime/ort'
import type { ModelFiles } from './files'
import { Sessions } from './sessions'

it("optimises a graph as its manifest says, by default as the backend's graphs need it", async () => {
  const create = vi.fn(async () => ({ release: async () => {} }))
  const ort = { InferenceSession: { create } } as unknown as Ort
  const files = { takeData: async () => new Uint8Array(1), throwIfFailed() {} } as unknown as ModelFiles
  const sessions = new Sessions(ort, files, 2, new Map())
  const graph: GraphEntry = { file: 'a.onnx', data: [] }
  await sessions.open({ ...graph, graphOptimizationLevel: 'disabled' }, { name: 'wasm' })
  await sessions.open(graph, { name: 'wasm' })
  const levels = create.mock.calls.map((call: unknown[]) => (call[1] as Record<string, unknown>).graphOptimizationLevel)
  expect(levels).toEqual(['disabled', 'basic'])
})

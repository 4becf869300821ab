import type { EngineProgress } from '../../types'
import { createFileLoader } from '../load-files'
import { createBestEffortStore } from '../store/best-effort-store'
import { keyOf } from '../store/records'
import { createWeightStore } from '../store/weight-store'
import { MemoryStore } from './memory-store'

export const CHUNK = 20_000

/** Visits to the model at an address. */
export function visitsTo(address: () => string) {
  return (...options: VisitOptions) => visit(address(), ...options)
}

type VisitOptions = Parameters<typeof visit> extends [string, ...infer Rest] ? Rest : never

/** A record of the model, without which its bytes would be nobody's. */
export function plantModel(values: MemoryStore, address: string): void {
  const version = { id: 'tiny', version: '1', name: 'Tiny', files: [], manifest: {} }
  values.plant({ [keyOf.model(address)]: { format: 2, versions: [version], usedAt: 1 } })
}

/** Keys of what is stored of files. */
export function fileKeys(values: MemoryStore): string[] {
  return [...values.map.keys()].filter((key) => !key.startsWith('models/'))
}

/** One visit: everything but the database is new. */
function visit(address: string, values = new MemoryStore(), stallMs = 10_000, makeRoom = async () => false) {
  plantModel(values, address)
  const events: EngineProgress[] = []
  const warnings: string[] = []
  const bestEffort = createBestEffortStore(createWeightStore(values), (message) => warnings.push(message), makeRoom)
  const progress = (event: EngineProgress) =>
    void (event.stage === 'warning' ? warnings.push(event.message) : events.push(event))
  const load = createFileLoader(address, bestEffort, { progress, stallMs, retryMs: 1 }, CHUNK)
  const retries = () => events.filter(({ stage }) => stage === 'retry')
  return { values, events, warnings, retries, load }
}

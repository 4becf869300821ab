import type { GraphEntry } from '../manifest'
import { createSession, type Execution, type Ort, run } from '../runtime/ort'
import type { EngineProgress } from '../types'

/** Whether a device computes ORT's fused attention right, by the graph that checks it. Kept while the device is the same. */
export type AttentionChecks = Map<string, boolean>

/** A graph's files by their paths. */
export type Taken = ReadonlyMap<string, Uint8Array | Blob>

/** The file with ORT's own attention, where there is one and this device computes it right; else the written-out one. */
export async function chooseFile(
  ort: Ort,
  { file, fused }: Pick<GraphEntry, 'file' | 'fused'>,
  taken: Taken,
  execution: Execution,
  checks: AttentionChecks,
  onProgress: ((event: EngineProgress) => void) | undefined,
): Promise<string> {
  if (!fused) return file
  if (!checks.has(fused.check)) {
    const difference = await attentionDifference(ort, fused.check, taken.get(fused.check) as Uint8Array, execution)
    const right = difference <= fused.limit
    checks.set(fused.check, right)
    const message = `This device computes ONNX Runtime's attention wrong (by ${difference.toPrecision(2)}); a slower form is used.`
    if (!right) onProgress?.({ stage: 'warning', message })
  }
  return checks.get(fused.check) ? fused.file : file
}

/** Infinity where it does not run at all. */
async function attentionDifference(ort: Ort, file: string, bytes: Uint8Array, execution: Execution): Promise<number> {
  try {
    const session = await createSession(ort, file, bytes, execution)
    const one = new ort.Tensor('float32', Float32Array.of(1), [1])
    const output = await run(session, { one }, 'difference', [1])
    const [found = Number.NaN] = (await output.getData(true)) as Float32Array
    await session.release()
    return Number.isNaN(found) ? Number.POSITIVE_INFINITY : found
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

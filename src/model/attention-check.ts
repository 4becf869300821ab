import type { GraphEntry } from '../manifest'
import { createSession, type Execution, type Ort, run } from '../runtime/ort'

/** A warning where a device computes ORT's fused attention otherwise than written out; undefined where it does not. */
export async function checkAttention(
  ort: Ort,
  { check, limit }: NonNullable<GraphEntry['fused']>,
  bytes: Uint8Array,
  execution: Execution,
): Promise<string | undefined> {
  const difference = await attentionDifference(ort, check, bytes, execution)
  if (difference <= limit) return undefined
  return `This device computes ONNX Runtime's attention wrong (by ${difference.toPrecision(2)}); a slower form is used.`
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

import { createSession, type Execution, type Ort, run } from '../runtime/ort'

/** How far ORT's fused attention is from the written-out one on a device; Infinity where it does not run at all. */
export async function attentionDifference(
  ort: Ort,
  file: string,
  bytes: Uint8Array,
  execution: Execution,
): Promise<number> {
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

import type { ConditioningTensor } from '../types'
import { type Ort, problems, runOutputs, type Session } from './ort'

/** A text encoder's inputs and outputs by name; an entry of the manifest's `textEncoders`. */
export interface TextEncoderSignature {
  readonly ids: string
  readonly mask?: string | undefined
  /** The graph's output → the conditioning's name. */
  readonly outputs: Readonly<Record<string, string>>
  /** The conditioning's name for the mask itself. */
  readonly maskAs?: string | undefined
}

export class OrtTextEncoder {
  readonly #ort: Ort
  readonly #session: Session
  readonly #signature: TextEncoderSignature

  constructor(ort: Ort, session: Session, signature: TextEncoderSignature) {
    this.#ort = ort
    this.#session = session
    this.#signature = signature
  }

  /**
   * What the graph makes of one prompt, by the conditioning's names. `mask` is 1 for a token, 0 for padding.
   *
   * @throws EngineError 'ModelFailed'
   */
  async encode(ids: readonly number[], mask: readonly number[]): Promise<Record<string, ConditioningTensor>> {
    const { outputs, maskAs, ...inputs } = this.#signature
    const feeds = { [inputs.ids]: this.#int64(ids), ...(inputs.mask && { [inputs.mask]: this.#int64(mask) }) }
    const results = await runOutputs(this.#session, feeds, Object.keys(outputs))
    const tensors: Record<string, ConditioningTensor> = {}
    try {
      for (const [output, tensor] of Object.entries(results)) {
        const { dims } = tensor
        // On a GPU this copies to the CPU, once per prompt.
        const data = (await tensor.getData(true)) as Float32Array
        if (dims[0] !== 1) throw (await problems()).notOnePrompt(output, dims)
        tensors[outputs[output] as string] = { dims, data }
      }
    } catch (error) {
      // A GPU that fails at one output would keep the others.
      for (const tensor of Object.values(results)) tensor.dispose()
      throw error
    }
    if (maskAs !== undefined) tensors[maskAs] = { dims: [1, mask.length], data: Float32Array.from(mask) }
    return tensors
  }

  #int64(values: readonly number[]) {
    return new this.#ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
  }
}

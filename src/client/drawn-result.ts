import type { ModelInfo } from '../manifest'
import type { RequestData } from '../request'
import type { GenerateResult, ScaleSchedule } from '../types'

/** What `JSON.stringify` makes of a result: how its pictures came about, without their pixels. */
export interface GenerateRecord extends Omit<GenerateResult, 'image' | 'images' | 'seed' | 'seeds' | 'schedule'> {
  /** `engine.generate(record.request)` draws the same pictures, except from a picture, which has to be given again. */
  readonly request: {
    readonly prompt: string
    readonly style?: string
    /** As text, for they may have 64 bits. */
    readonly seeds: readonly string[]
    readonly schedule: ScaleSchedule
    readonly strength?: number
  }
  readonly model: { readonly id: string; readonly version: string }
}

/** A result, and how it is written down. */
export interface DrawnResult extends GenerateResult {
  /** Called by `JSON.stringify`. */
  toJSON(): GenerateRecord
}

/** The record is no property of its own that would be copied: results can be sent to workers and stored. */
export function withRecord(
  result: GenerateResult,
  { prompt, style, strength }: RequestData,
  { id, version }: ModelInfo,
): DrawnResult {
  const toJSON = (): GenerateRecord => {
    const { image, images, seed, seeds, schedule, ...rest } = result
    const given = { ...(style !== undefined && { style }), ...(strength !== undefined && { strength }) }
    return { request: { prompt, ...given, seeds: seeds.map(String), schedule }, model: { id, version }, ...rest }
  }
  return Object.defineProperty(result, 'toJSON', { value: toJSON }) as DrawnResult
}
